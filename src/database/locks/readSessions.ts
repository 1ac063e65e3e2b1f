import type { Context } from '../../context.ts';
import type { Query } from '../sql.ts';
import { withoutValues, type AdvisoryLock, type Session } from './observation.ts';
import { sessionClients } from './sessionClients.ts';

/**
 * Every connection to the database but the one that asks, with what it holds and whom it waits for. Waits for no lock.
 */
export async function readSessions(
  context: Pick<Context, 'env' | 'signal' | 'platform'>,
  query: Query,
): Promise<readonly Session[]> {
  const [clients, sessions, locks] = [
    await sessionClients(context),
    await query(SESSIONS),
    await query(LOCKS),
  ];
  return sessions.map((row) => {
    const own = locks.filter((lock) => lock['pid'] === row['pid']);
    const advisory = own.filter((lock) => lock['locktype'] === 'advisory').map(advisoryLock);
    const tables = own
      .filter((lock) => lock['locktype'] !== 'advisory')
      .map((lock) => `${String(lock['relname'])} (${String(lock['mode']).replace(/Lock$/, '')})`);
    const backend = Number(row['pid']);
    const client = clients.get(backend);
    return {
      backend,
      ...(client === undefined ? {} : { client }),
      applicationName: text(row['application_name']),
      state: text(row['state']),
      connectedAt: Number(row['connected_at']),
      stateSince: Number(row['state_since']),
      ...(row['transaction_since'] === null ? {} : { transactionSince: Number(row['transaction_since']) }),
      ...(row['waits_since'] === null ? {} : { waitsSince: Number(row['waits_since']) }),
      statement: withoutValues(text(row['query'])),
      ...(row['awaits'] === null ? {} : { awaits: text(row['awaits']) }),
      blockedBy: row['blocked_by'] as number[],
      holds: [...advisory.map((each) => ADVISORY_WORDS[each]), ...new Set(tables)],
      advisory,
    };
  });
}

const SESSIONS = `
select a.pid, a.application_name, a.state, a.query,
  extract(epoch from a.backend_start)::float8 * 1000 as connected_at,
  extract(epoch from a.state_change)::float8 * 1000 as state_since,
  extract(epoch from a.xact_start)::float8 * 1000 as transaction_since,
  (select extract(epoch from min(l.waitstart))::float8 * 1000 from pg_locks l where l.pid = a.pid and not l.granted) as waits_since,
  (select c.relname from pg_locks l join pg_class c on c.oid = l.relation
   where l.pid = a.pid and (l.locktype = 'tuple' or not l.granted) limit 1) as awaits,
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

/** Of a column that may be null. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
