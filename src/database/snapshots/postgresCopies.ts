import { setTimeout as sleep } from 'node:timers/promises';
import { DevenvError } from '../../errors.ts';
import { OUR_APPLICATION_NAME, type Query } from '../sql.ts';

/** A copy that is about to take the place of a database. Without a journal that names it nobody wants it. */
export const RESTORING = 'restoring_';

/** Names of databases are ours or come from a version: letters, digits and underscores. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export async function databaseExists(query: Query, name: string): Promise<boolean> {
  return (await query('select 1 from pg_database where datname = $1', [name])).length > 0;
}

export async function databaseSize(query: Query, name: string): Promise<number> {
  const rows = await query('select pg_database_size($1::name)::float8 as size', [name]);
  return Number(rows[0]?.['size'] ?? 0);
}

export async function databasesNamed(query: Query, prefix: string): Promise<readonly string[]> {
  const rows = await query('select datname from pg_database where starts_with(datname::text, $1)', [prefix]);
  return rows.map((row) => String(row['datname']));
}

/**
 * Copies a database file by file: it is there in one step, whoever is killed. Nobody may be connected to the source;
 * while it is copied the server lets nobody in.
 *
 * @throws DevenvError `database_in_use`.
 */
export async function copyDatabase(query: Query, source: string, target: string): Promise<void> {
  await whenFree(query, source, () =>
    query(`create database ${quoted(target)} template ${quoted(source)} strategy file_copy`),
  );
}

/**
 * `live` becomes `aside` and `copy` becomes `live`, both or neither: renames are part of a transaction.
 *
 * @throws DevenvError `database_in_use`.
 */
export async function swapDatabases(
  query: Query,
  names: { readonly live: string; readonly aside: string; readonly copy: string },
): Promise<void> {
  const { live, aside, copy } = names;
  const there = await databaseExists(query, live);
  await whenFree(query, live, async () => {
    await query('begin');
    try {
      if (there) await query(`alter database ${quoted(live)} rename to ${quoted(aside)}`);
      await query(`alter database ${quoted(copy)} rename to ${quoted(live)}`);
      await query('commit');
    } catch (error) {
      await query('rollback');
      throw error;
    }
  });
}

/** Whoever is connected to a database that nobody needs any more is disconnected. */
export async function dropDatabase(query: Query, name: string): Promise<void> {
  await query(`drop database if exists ${quoted(name)} with (force)`);
}

/**
 * The server goes on copying for a client that was killed, and the copy would appear after somebody had looked for it.
 * Only who holds the project's lock sends such statements: these have nobody any more.
 */
export async function endAbandonedWork(query: Query): Promise<void> {
  await query(
    `select pg_terminate_backend(pid, ${PATIENCE_MS}) from pg_stat_activity
     where pid <> pg_backend_pid() and datname = current_database() and starts_with(application_name, $1)
       and (state like 'idle in transaction%'
         or state = 'active' and query ~* '^\\s*((create|alter|drop)\\s+database|begin|commit)')`,
    [OUR_APPLICATION_NAME],
  );
}

const PATIENCE_MS = 5_000;
/** `object_in_use`: somebody is connected. */
const OBJECT_IN_USE = '55006';

/** Ends idle connections of our own, and waits a moment for others to go. */
async function whenFree(query: Query, name: string, work: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    await query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and state = 'idle' and starts_with(application_name, $2)`,
      [name, OUR_APPLICATION_NAME],
    );
    const left = await connectedTo(query, name);
    if (left.length === 0) {
      try {
        await work();
        return;
      } catch (error) {
        // Somebody connected between our look and the statement.
        if (!(error instanceof Error && 'code' in error && error.code === OBJECT_IN_USE)) throw error;
      }
    }
    if (performance.now() > deadline) throw inUse(name, left);
    await sleep(25);
  }
}

export async function isUsed(query: Query, name: string): Promise<boolean> {
  return (await connectedTo(query, name)).length > 0;
}

async function connectedTo(query: Query, name: string): Promise<readonly string[]> {
  const rows = await query(
    `select pid, application_name, state from pg_stat_activity
     where datname = $1 and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    [name],
  );
  return rows.map(
    (each) =>
      `${String(each['application_name']) || 'without a name'} (backend ${String(each['pid'])}, ${String(each['state'])})`,
  );
}

function inUse(name: string, holders: readonly string[]): DevenvError {
  return new DevenvError({
    code: 'database_in_use',
    what: `The database ${name} has to be free for a moment, and others are connected to it.`,
    ...(holders.length === 0 ? {} : { why: `Connected: ${holders.join(', ')}.` }),
    next: ['Close them and run the command again', 'devenv db status shows who is connected'],
  });
}
