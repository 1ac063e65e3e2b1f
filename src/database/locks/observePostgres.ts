import type { Context } from '../../context.ts';
import { readRevisions } from '../revisions.ts';
import { withConnection, type Query } from '../sql.ts';
import type { DatabaseRequest } from '../databaseRequest.ts';
import { readAirflowRows } from './airflowRows.ts';
import { readSessions } from './readSessions.ts';
import type { Observation, PreparedTransaction, SchemaState, Surroundings } from './observation.ts';

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
    const sessions = await readSessions(context, query);
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
