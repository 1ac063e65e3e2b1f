import type { Context } from '../context.ts';
import { postgresUrl } from './describeDatabase.ts';
import { migrate } from './migrate.ts';
import type { DatabaseRequest } from './databaseRequest.ts';
import {
  copyDatabase,
  databaseExists,
  databasesNamed,
  dropDatabase,
  quoted,
} from './snapshots/postgresCopies.ts';
import { withConnection, type Query } from './sql.ts';

/**
 * After a change to a newer minor version of Airflow: makes the database for it from a migrated copy of the last one,
 * which stays as it is. Where that fails the project begins with an empty one and is told. The caller holds the lock.
 */
export async function inheritDatabase(
  context: Context,
  socketDirectory: string,
  request: DatabaseRequest,
): Promise<void> {
  const { name } = request.description;
  const ask = <T>(work: (query: Query) => Promise<T>): Promise<T> =>
    withConnection(socketDirectory, 'postgres', work);
  const older = await ask(async (query) =>
    (await databaseExists(query, name))
      ? undefined
      : olderDatabase(await databasesNamed(query, 'airflow_'), name),
  );
  if (older === undefined) return;
  const aside = `${name}_building`;
  await inheriting(context, request, older, async () => {
    await ask(async (query) => {
      // What a killed devenv left.
      await dropDatabase(query, aside);
      await copyDatabase(query, older, aside);
    });
    try {
      await migrate(context, { ...request, url: postgresUrl(socketDirectory, aside) });
      await ask((query) => query(`alter database ${quoted(aside)} rename to ${quoted(name)}`));
    } catch (error) {
      await ask((query) => dropDatabase(query, aside)).catch(() => {});
      throw error;
    }
  });
}

/** Tells what is done, and what to do when it fails. */
export async function inheriting(
  context: Context,
  request: DatabaseRequest,
  older: string,
  work: () => Promise<void>,
): Promise<void> {
  const step = {
    type: 'step',
    id: 'database.inherit',
    text: `Migrating a copy of ${older} to Airflow ${request.environment.airflowVersion}`,
  } as const;
  context.emit({ ...step, state: 'working' });
  try {
    await work();
    context.emit({ ...step, state: 'done', detail: `${older} stays as it is` });
  } catch (error) {
    context.signal.throwIfAborted();
    context.emit({ ...step, state: 'failed' });
    const reason = error instanceof Error ? error.message.split('\n').at(-1) : String(error);
    const text = `Begins with an empty database, because ${older} could not be migrated (${reason}). devenv db migrate --from ${older} tries again.`;
    context.emit({ type: 'message', level: 'warning', text });
  }
}

/**
 * The newest of the databases that an older minor version of the same line has made. Between the lines so much changes
 * that a person should ask for it (`devenv db migrate --from`). Pure.
 */
export function olderDatabase(names: readonly string[], name: string): string | undefined {
  const wanted = numbers(name);
  if (wanted === undefined) return undefined;
  return names
    .map((each) => ({ each, found: numbers(each) }))
    .filter(({ found }) => found?.major === wanted.major && found.minor < wanted.minor)
    .toSorted((one, two) => (two.found?.minor ?? 0) - (one.found?.minor ?? 0))[0]?.each;
}

function numbers(name: string): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor] = /^airflow_(\d+)_(\d+)$/.exec(name) ?? [];
  return major === undefined || minor === undefined
    ? undefined
    : { major: Number(major), minor: Number(minor) };
}
