import type { Context } from '../../context.ts';
import { readRevisions } from '../revisions.ts';
import { withConnection, type Query } from '../sql.ts';
import type { DatabaseRequest } from '../postgres.ts';
import { readAirflowRows } from './airflowRows.ts';
import { sessionClients } from './sessionClients.ts';
import {
  withoutValues,
  type AdvisoryLock,
  type Observation,
  type PreparedTransaction,
  type SchemaState,
  type Session,
  type Surroundings,
} from './observation.ts';

/** Looks at locks, sessions and Airflow's own rows; waits for nobody. */
export async function observePostgres(
  context: Context,
  request: Pick<DatabaseRequest, 'description' | 'environment'>,
  surroundings: Surroundings,
): Promise<Observation> {
  const { name, socketDirectory = '' } = request.description;
  const revisions = await readRevisions(request.environment);
  return withConnection(socketDirectory, name, async (query) => {
    // Somebody may have locked every table: that is what we are here to find.
    await query("set lock_timeout = '500ms'");
    await query("set statement_timeout = '10s'");
    const clients = await sessionClients(context);
    const sessions = (await readSessions(query)).map((each) => {
      const client = clients.get(each.backend);
      return client === undefined ? each : { ...each, client };
    });
    const schema = await readSchema(query, revisions);
    const rows = schema === undefined ? undefined : await unlessLocked(() => readAirflowRows(query));
    return {
      now: context.now(),
      kind: 'postgres',
      database: name,
      sessions,
      prepared: await readPrepared(query),
      schema: schema ?? {
        revisions: undefined,
        tables: 0,
        head: revisions?.head,
        isKnown: true,
        leftovers: [],
      },
      rows,
      surroundings,
    } as const;
  });
}

/** Undefined when a lock keeps us from reading. */
async function unlessLocked<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // lock_not_available, query_canceled (the statement timeout), undefined_table, undefined_column
    if (['55P03', '57014', '42P01', '42703'].includes(String(code))) return undefined;
    throw error;
  }
}

const SESSIONS = `
select a.pid, a.application_name, a.state, a.query,
  extract(epoch from a.backend_start)::float8 * 1000 as connected_at,
  extract(epoch from a.state_change)::float8 * 1000 as state_since,
  extract(epoch from a.xact_start)::float8 * 1000 as transaction_since,
  (select extract(epoch from min(l.waitstart))::float8 * 1000 from pg_locks l where l.pid = a.pid and not l.granted) as waits_since,
  to_json(pg_blocking_pids(a.pid)) as blocked_by
from pg_stat_activity a
where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
order by a.pid`;

/** Weaker ones are in nobody's way but a DDL statement's; they are told when a session blocks somebody. */
const LOCKS = `
select l.pid, l.locktype, l.mode, l.classid::int8::float8 as classid, l.objid::int8::float8 as objid, l.objsubid, c.relname
from pg_locks l left join pg_class c on c.oid = l.relation and c.relkind in ('r', 'p')
where l.granted and l.pid <> pg_backend_pid()
  and l.database = (select oid from pg_database where datname = current_database())
  and (l.locktype = 'advisory' or c.relname is not null)
order by 1, 7`;

async function readSessions(query: Query): Promise<readonly Session[]> {
  const [sessions, locks] = [await query(SESSIONS), await query(LOCKS)];
  return sessions.map((row) => {
    const own = locks.filter((lock) => lock['pid'] === row['pid']);
    const advisory = own.filter((lock) => lock['locktype'] === 'advisory').map(advisoryLock);
    const tables = own
      .filter((lock) => lock['locktype'] !== 'advisory')
      .map((lock) => `${String(lock['relname'])} (${String(lock['mode']).replace(/Lock$/, '')})`);
    return {
      backend: Number(row['pid']),
      applicationName: text(row['application_name']),
      state: text(row['state']),
      connectedAt: Number(row['connected_at']),
      stateSince: Number(row['state_since']),
      ...(row['transaction_since'] === null ? {} : { transactionSince: Number(row['transaction_since']) }),
      ...(row['waits_since'] === null ? {} : { waitsSince: Number(row['waits_since']) }),
      statement: withoutValues(text(row['query'])),
      blockedBy: row['blocked_by'] as number[],
      holds: [...advisory.map((each) => ADVISORY_WORDS[each]), ...new Set(tables)],
      advisory,
    };
  });
}

const ADVISORY_WORDS: Readonly<Record<AdvisoryLock, string>> = {
  migration: "Airflow's migration lock",
  scheduler: "Airflow's scheduler lock",
  other: 'an advisory lock',
};

/** Airflow's `DBLocks`: MIGRATIONS is 1, SCHEDULER_CRITICAL_SECTION is 2. */
function advisoryLock(lock: Record<string, unknown>): AdvisoryLock {
  if (lock['classid'] !== 0 || lock['objsubid'] !== 1) return 'other';
  if (lock['objid'] === 1) return 'migration';
  return lock['objid'] === 2 ? 'scheduler' : 'other';
}

async function readPrepared(query: Query): Promise<readonly PreparedTransaction[]> {
  const rows = await query(
    `select gid, owner, extract(epoch from prepared)::float8 * 1000 as prepared_at
     from pg_prepared_xacts where database = current_database()`,
  );
  return rows.map((row) => ({
    name: String(row['gid']),
    owner: String(row['owner']),
    preparedAt: Number(row['prepared_at']),
  }));
}

async function readSchema(
  query: Query,
  known: Awaited<ReturnType<typeof readRevisions>>,
): Promise<SchemaState | undefined> {
  return unlessLocked(async () => {
    const tables = (
      await query(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
      )
    ).map((row) => String(row['relname']));
    const revisions = tables.includes('alembic_version')
      ? (await query('select version_num from alembic_version')).map((row) => String(row['version_num']))
      : undefined;
    return {
      revisions,
      tables: tables.length,
      head: known?.head,
      isKnown: known === undefined || (revisions ?? []).every((each) => known.known.has(each)),
      leftovers: tables.filter((table) => table.startsWith('_alembic_tmp_')),
    };
  });
}

/** Of a column that may be null. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
