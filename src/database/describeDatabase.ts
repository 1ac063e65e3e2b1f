import { createHash } from 'node:crypto';
import path from 'node:path';
import { DevenvError } from '../errors.ts';
import type { DatabaseProject, DatabaseEnvironment } from './databaseProject.ts';

export interface DatabaseDescription {
  readonly kind: 'postgres' | 'sqlite';
  /** For SQLAlchemy, synchronous; Airflow derives the asynchronous one. Holds no secret. */
  readonly url: string;
  /** Of the database: one per minor version of Airflow, `airflow_3_3`. */
  readonly name: string;
  /** Postgres only: the folder of the Unix socket. Nothing listens on the network. */
  readonly socketDirectory?: string;
  /** Postgres only: the number in the socket's name. */
  readonly port?: number;
}

/** Chosen once: it only names the socket, which lies in a folder of its own. */
export const POSTGRES_PORT = 5432;
export const POSTGRES_USER = 'postgres';

/**
 * Which database a project has for an environment, whether it exists or not. Looks at nothing.
 *
 * @param runtimeDirectory what `runtimeDirectory(context, project.root)` gives.
 */
export function describeDatabase(
  project: Pick<DatabaseProject, 'stateDirectory' | 'database'>,
  environment: Pick<DatabaseEnvironment, 'airflowVersion'>,
  runtimeDirectory: string,
): DatabaseDescription {
  const name = databaseName(environment.airflowVersion);
  if (project.database === 'sqlite') {
    return { kind: 'sqlite', name, url: `sqlite:///${sqlitePath(project, name)}` };
  }
  const socketDirectory = socketDirectoryIn(runtimeDirectory);
  return {
    kind: 'postgres',
    name,
    url: postgresUrl(socketDirectory, name),
    socketDirectory,
    port: POSTGRES_PORT,
  };
}

/** @param name as a description gives it. */
export function sqlitePath(project: Pick<DatabaseProject, 'stateDirectory'>, name: string): string {
  return path.join(project.stateDirectory, 'sqlite', `${name}.db`);
}

/** A folder below the runtime one, because under root it belongs to the user Postgres runs as. */
export function socketDirectoryIn(runtimeDirectory: string): string {
  return path.join(runtimeDirectory, 'pg');
}

export function postgresUrl(socketDirectory: string, name: string): string {
  const host = socketDirectory.split('/').map(encodeURIComponent).join('/');
  return `postgresql+psycopg2://${POSTGRES_USER}@/${name}?host=${host}&port=${POSTGRES_PORT}`;
}

/** `airflow_3_3` for 3.3.2: migrating within a minor version is safe, going back to an older minor is not. */
export function databaseName(airflowVersion: string): string {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(airflowVersion) ?? [];
  if (major !== undefined && minor !== undefined) return `airflow_${major}_${minor}`;
  throw new DevenvError({
    code: 'airflow_version_invalid',
    what: `"${airflowVersion}" is not a version of Airflow.`,
    next: ['Write it like 3.3.2'],
    misuse: true,
  });
}

/**
 * Settings that a freshly migrated database keeps something of, a row or a table. Databases made under
 * different ones are not interchangeable.
 */
const SETTINGS_IN_THE_SCHEMA = [
  'AIRFLOW__CORE__AUTH_MANAGER',
  'AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT',
  'AIRFLOW__DATABASE__EXTERNAL_DB_MANAGERS',
  'AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS',
  'AIRFLOW__ELASTICSEARCH__LOG_ID_TEMPLATE',
  'AIRFLOW__LOGGING__LOG_FILENAME_TEMPLATE',
];

/** Twelve hexadecimal digits; equal for environments whose fresh databases are the same. */
export function schemaFingerprint(
  environment: Pick<DatabaseEnvironment, 'airflowVersion' | 'fingerprint'>,
  airflowEnvironment: Readonly<Record<string, string>>,
): string {
  const settings = SETTINGS_IN_THE_SCHEMA.map((name) => [name, airflowEnvironment[name] ?? null]);
  const everything = [environment.airflowVersion, environment.fingerprint, settings];
  return createHash('sha256').update(JSON.stringify(everything)).digest('hex').slice(0, 12);
}

/** The database that is only copied from, never connected to. */
export function templateName(fingerprint: string): string {
  return `airflow_template_${fingerprint.slice(0, 8)}`;
}
