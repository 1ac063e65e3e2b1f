import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import { temporaryDirectory } from '../platform/paths.ts';
import { OUR_APPLICATION_NAME } from './sql.ts';
import type { DatabaseEnvironment } from './databaseProject.ts';

export interface Migration {
  readonly environment: DatabaseEnvironment;
  readonly airflowEnvironment: Readonly<Record<string, string>>;
  readonly url: string;
}

/**
 * Brings a database to the state this Airflow wants, as `airflow db migrate` does. Takes 3 s, most of it
 * importing Airflow.
 *
 * @throws DevenvError `database_migration_failed` with the end of Airflow's output.
 */
export async function migrate(context: Context, migration: Migration): Promise<void> {
  // Airflow writes an airflow.cfg and logs into its home: not into the person's.
  const home = await mkdtemp(path.join(temporaryDirectory(context.env), 'airflow-devenv-migrate-'));
  try {
    for (let attempt = 1; ; attempt += 1) {
      const { exitCode, stdout, stderr } = await runPython(context, migration, home);
      if (exitCode === 0) return;
      const output = `${stdout}\n${stderr}`.trim();
      // Airflow waits for its own migration lock for 1.8 s only.
      if (attempt >= ATTEMPTS || !LOCKED.test(output)) {
        throw failure(migration, output);
      }
      await sleep(1_000, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted());
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const ATTEMPTS = 20;
const LOCKED = /LockNotAvailable|lock timeout|database is locked/;

/** What `airflow db migrate` calls, without the second it takes to build the command line. */
const SCRIPT = 'from airflow.utils.db import upgradedb; upgradedb()';

function runPython(context: Context, { environment, airflowEnvironment, url }: Migration, home: string) {
  const { python } = environment;
  return runCommand(python, ['-c', SCRIPT], {
    env: { ...inherited(context), ...airflowEnvironment, ...ownVariables(url, home, python, context) },
    cwd: home,
    signal: context.signal,
    allowFailure: true,
  });
}

function ownVariables(url: string, home: string, python: string, context: Context) {
  return {
    AIRFLOW_HOME: home,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: url,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC: undefined,
    PATH: [path.dirname(python), context.env['PATH']].filter(Boolean).join(path.delimiter),
    PGAPPNAME: `${OUR_APPLICATION_NAME}-migrate`,
    // Would double the time of every start.
    PYTHONDONTWRITEBYTECODE: undefined,
    PYTHONUNBUFFERED: '1',
  };
}

function inherited(context: Context): Record<string, string | undefined> {
  const names = [
    'HOME',
    'LANG',
    'LC_ALL',
    'LC_CTYPE',
    'TMPDIR',
    'TZ',
    'LD_LIBRARY_PATH',
    'DYLD_LIBRARY_PATH',
  ];
  return Object.fromEntries(names.map((name) => [name, context.env[name]]));
}

const TAIL_LINES = 20;

function failure({ environment }: Migration, output: string): DevenvError {
  if (LOCKED.test(output)) {
    return new DevenvError({
      code: 'database_in_use',
      what: `The metadata database has to be migrated to Airflow ${environment.airflowVersion}, and others hold it.`,
      why: "Airflow's migration lock, or the file of SQLite, was not free for minutes.",
      next: ['devenv unlockdb says who holds it, and frees it'],
    });
  }
  return new DevenvError({
    code: 'database_migration_failed',
    what: `Airflow ${environment.airflowVersion} could not migrate its metadata database.`,
    why: output.split('\n').slice(-TAIL_LINES).join('\n') || 'It printed nothing.',
    next: ['Run the command again: nothing was left half done'],
  });
}
