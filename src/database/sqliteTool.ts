import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import type { AirflowRows } from './locks/observation.ts';
import { SQLITE_SCRIPT } from './sqliteScript.ts';

export interface SqliteFacts {
  /** What `alembic_version` says. */
  readonly revision?: string;
  /** Table -> number of rows. */
  readonly rows: Readonly<Record<string, number>>;
  /** Whether a writer could write now. */
  readonly writable: boolean;
  /** Undefined when Airflow's tables are not there. */
  readonly airflow?: AirflowRows;
}

/** Rows to change: what `retire-jobs` and `fail-runs` of a plan say. */
export type SqliteChange =
  | { readonly kind: 'retire-jobs'; readonly jobs: readonly number[] }
  | {
      readonly kind: 'fail-runs';
      readonly runs: readonly { readonly dagId: string; readonly runId: string }[];
    };

/**
 * What is in a SQLite file. Python asks: its SQLite is the one that Airflow uses, and Node's is an experiment.
 *
 * @throws DevenvError `sqlite_unreadable`.
 */
export async function sqliteFacts(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
): Promise<SqliteFacts> {
  return (await ask(context, python, 'facts', file)) as SqliteFacts;
}

/**
 * Makes the file alone be the database: a hot journal is rolled back, a write-ahead log is taken in.
 *
 * @throws DevenvError `sqlite_locked`, `sqlite_unreadable`.
 */
export async function settleSqlite(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
): Promise<void> {
  await ask(context, python, 'settle', file);
}

/**
 * Copies everything that can be read into a new file, and looks whether it is whole.
 *
 * @returns what the integrity check found; empty when all is well.
 */
export async function copySqlite(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
  target: string,
): Promise<readonly string[]> {
  return ((await ask(context, python, 'copy', file, target)) as { problems: string[] }).problems;
}

/** Rows of each table, and the names in some with a digest of their columns. */
export async function sqliteNames(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
  wanted: Readonly<
    Record<string, { readonly table: string; readonly name: string; readonly columns: readonly string[] }>
  >,
): Promise<{ rows: Record<string, number>; names: Record<string, Record<string, string>> }> {
  return (await ask(context, python, 'names', file, JSON.stringify(wanted))) as {
    rows: Record<string, number>;
    names: Record<string, Record<string, string>>;
  };
}

/** All of it or nothing. */
export async function changeSqlite(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
  change: SqliteChange,
): Promise<void> {
  await ask(context, python, 'change', file, JSON.stringify(change));
}

async function ask(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  ...args: readonly string[]
): Promise<unknown> {
  const { exitCode, stdout, stderr } = await runCommand(python, ['-I', '-S', '-c', SQLITE_SCRIPT, ...args], {
    env: { PATH: context.env['PATH'], LD_LIBRARY_PATH: context.env['LD_LIBRARY_PATH'], LC_ALL: 'C.UTF-8' },
    signal: context.signal,
    allowFailure: true,
  });
  if (exitCode === 0) return JSON.parse(stdout);
  const file = args[1] ?? '';
  const why = stderr.trim().split('\n').at(-1) ?? '';
  if (/database is locked|database table is locked/.test(why)) {
    throw new DevenvError({
      code: 'sqlite_locked',
      what: `The database ${file} is locked.`,
      why: 'Another process writes to it, or has stopped in the middle of writing.',
      next: ['devenv unlockdb says who, and frees it'],
    });
  }
  throw new DevenvError({
    code: 'sqlite_unreadable',
    what: `SQLite can't read ${file}.`,
    why,
    next: [
      'devenv snapshot restore NAME puts a snapshot in its place (devenv snapshot list shows them)',
      'devenv unlockdb copies what can be read of it',
      'devenv db reset begins with an empty one; the damaged file is kept',
    ],
  });
}
