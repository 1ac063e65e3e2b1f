import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Context } from '../../../src/context.ts';
import type { Database, DatabaseOptions } from '../../../src/database/database.ts';
import type { DatabaseProject, DatabaseEnvironment } from '../../../src/database/databaseProject.ts';
import type { ProgressEvent } from '../../../src/events.ts';

export interface ChildRequest {
  readonly work: 'ensure' | 'stop' | 'isUp';
  readonly project: DatabaseProject;
  readonly environment: DatabaseEnvironment;
  readonly options: DatabaseOptions;
}

export type ChildAnswer = Database & {
  readonly ms: number;
  readonly texts: readonly string[];
  readonly uid: number;
};

/** Virtual environments to test with, which test/support/airflowEnvironments.ts has made. */
export function environmentOf(line: 3 | 2): DatabaseEnvironment {
  // Without one each test fails by its own name, with this path in the message.
  const directory = process.env[`DEVENV_TEST_AIRFLOW_${line}`] ?? `/there is no Airflow ${line} to test with`;
  return {
    directory,
    python: path.join(directory, 'bin', 'python'),
    airflowVersion: line === 3 ? '3.3.2' : '2.11.2',
    fingerprint: `test-${line}`,
  };
}

export const AIRFLOW_ENVIRONMENT: Readonly<Record<string, string>> = {
  AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
  AIRFLOW__CORE__FERNET_KEY: Buffer.alloc(32, 7).toString('base64url') + '=',
  AIRFLOW__CORE__EXECUTOR: 'LocalExecutor',
  AIRFLOW__CORE__HOSTNAME_CALLABLE: 'socket.gethostname',
  AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE: '2',
  AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW: '3',
  AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS: 'False',
  AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
};

export const OPTIONS: DatabaseOptions = { airflowEnvironment: AIRFLOW_ENVIRONMENT };

export interface Home {
  readonly directory: string;
  readonly events: ProgressEvent[];
  readonly context: Context;
  readonly env: Readonly<Record<string, string | undefined>>;
  project(name: string, kind?: DatabaseProject['database']): Promise<DatabaseProject>;
  remove(): Promise<void>;
}

/** A temporary folder with a cache, a runtime folder and projects of its own. */
export async function makeHome(): Promise<Home> {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-db-')));
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    AIRFLOW_DEVENV_CACHE: path.join(directory, 'cache'),
    AIRFLOW_DEVENV_RUNTIME: path.join(directory, 'run'),
  };
  const events: ProgressEvent[] = [];
  const context: Context = {
    env,
    platform: process.platform,
    workingDirectory: directory,
    now: Date.now,
    signal: new AbortController().signal,
    emit: (event) => {
      events.push(event);
    },
  };
  return {
    directory,
    events,
    env,
    context,
    project: async (name, kind = 'postgres') => {
      const root = path.join(directory, name);
      await mkdir(root, { recursive: true });
      return { root, stateDirectory: path.join(root, '.devenv'), database: kind };
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

const CHILD = fileURLToPath(new URL('ensureInChild.ts', import.meta.url));

/** Does the work in a process of its own; `launcher` are words in front, e.g. to be another user. */
export async function inChild(
  home: Home,
  request: ChildRequest,
  launcher: readonly string[] = [],
  script = CHILD,
): Promise<ChildAnswer> {
  const [file, ...words] = [...launcher, process.execPath, script, JSON.stringify(request)] as const;
  const { stdout } = await promisify(execFile)(file, words, { env: home.env });
  return JSON.parse(stdout) as ChildAnswer;
}
