import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { postgresUrl } from './describeDatabase.ts';
import { migrate, type Migration } from './migrate.ts';
import type { Revisions } from './revisions.ts';
import { OUR_APPLICATION_NAME, withConnection, type Query } from './sql.ts';

/** Where statements about databases as a whole are sent from. */
const MAINTENANCE_DATABASE = 'postgres';

export type SchemaMigration = Omit<Migration, 'url'>;

/**
 * Makes `name` from the template where it is missing, and the template where that is missing too. The caller
 * holds the cluster's lock.
 *
 * @returns whether `name` was made.
 */
export async function createFromTemplate(
  context: Context,
  socketDirectory: string,
  names: { readonly name: string; readonly template: string },
  migration: SchemaMigration,
): Promise<boolean> {
  return withConnection(socketDirectory, MAINTENANCE_DATABASE, async (query) => {
    if (await exists(query, names.name)) return false;
    if (!(await exists(query, names.template))) {
      await buildTemplate(context, query, socketDirectory, names.template, migration);
    }
    await query(`create database ${names.name} template ${names.template}`);
    return true;
  });
}

/** Migrated under another name and renamed when it is ready, so a template that exists is whole. */
async function buildTemplate(
  context: Context,
  query: Query,
  socketDirectory: string,
  template: string,
  migration: SchemaMigration,
): Promise<void> {
  const aside = `${template}_building`;
  // What a killed devenv left, with a migration that may still run in it.
  await query(`drop database if exists ${aside} with (force)`);
  await query(`create database ${aside} template template0`);
  await migrate(context, { ...migration, url: postgresUrl(socketDirectory, aside) });
  await query(`alter database ${aside} allow_connections false`);
  await releaseDatabase(query, aside);
  await query(`alter database ${aside} rename to ${template}`);
}

/** What `alembic_version` says; `undefined` when the database or the table is missing. */
export async function currentRevision(
  { signal }: Pick<Context, 'signal'>,
  socketDirectory: string,
  name: string,
): Promise<string | undefined> {
  const read = async (query: Query): Promise<string | undefined> => {
    const rows = await query('select version_num from alembic_version');
    return rows[0] === undefined ? undefined : String(rows[0]['version_num']);
  };
  try {
    return await withConnection(socketDirectory, name, read, { signal });
  } catch (error) {
    if (isSqlState(error, UNDEFINED_DATABASE) || isSqlState(error, UNDEFINED_TABLE)) return undefined;
    throw error;
  }
}

/**
 * Migrates a database that an older patch release of the same minor version made, and keeps a copy of it as
 * it was. The caller holds the cluster's lock.
 *
 * @throws DevenvError `database_newer_than_airflow`, `database_in_use`, `database_migration_failed`.
 */
export async function upgrade(
  context: Context,
  socketDirectory: string,
  name: string,
  revision: string | undefined,
  revisions: Revisions,
  migration: SchemaMigration,
): Promise<void> {
  const { airflowVersion } = migration.environment;
  if (revision !== undefined && !revisions.known.has(revision)) throw newer(name, revision, airflowVersion);
  const step = {
    type: 'step',
    id: 'database.upgrade',
    text: `Migrating ${name} to Airflow ${airflowVersion}`,
  } as const;
  context.emit({ ...step, state: 'working' });
  const copy = await withConnection(socketDirectory, MAINTENANCE_DATABASE, async (query) => {
    const free = await freeName(
      query,
      `${name}_before_${airflowVersion.replaceAll(/\W/g, '_').toLowerCase()}`,
    );
    await releaseDatabase(query, name);
    await query(`create database ${free} template ${name}`);
    return free;
  });
  await migrate(context, { ...migration, url: postgresUrl(socketDirectory, name) });
  context.emit({ ...step, state: 'done', detail: `as it was: database ${copy}` });
}

const UNDEFINED_DATABASE = '3D000';
const UNDEFINED_TABLE = '42P01';

function isSqlState(error: unknown, state: string): boolean {
  return error instanceof Error && 'code' in error && error.code === state;
}

async function exists(query: Query, name: string): Promise<boolean> {
  return (await query('select 1 from pg_database where datname = $1', [name])).length > 0;
}

async function freeName(query: Query, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}_${number}`;
    if (!(await exists(query, name))) return name;
  }
}

const RELEASE_TIMEOUT_MS = 5_000;

/**
 * Waits until nobody is connected, as copying and renaming need it. Ends idle connections of our own; others
 * it names.
 */
async function releaseDatabase(query: Query, name: string): Promise<void> {
  const deadline = performance.now() + RELEASE_TIMEOUT_MS;
  for (;;) {
    await query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and state = 'idle' and starts_with(application_name, $2)`,
      [name, OUR_APPLICATION_NAME],
    );
    const left = await query(
      `select pid, application_name, state from pg_stat_activity
       where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (left.length === 0) return;
    if (performance.now() > deadline) throw inUse(name, left);
    await sleep(20);
  }
}

function inUse(name: string, sessions: readonly Record<string, unknown>[]): DevenvError {
  const holders = sessions.map(
    (each) =>
      `${String(each['application_name'])} (backend ${String(each['pid'])}, ${String(each['state'])})`,
  );
  return new DevenvError({
    code: 'database_in_use',
    what: `The database ${name} has to be migrated, and others are connected to it.`,
    why: `Connected: ${holders.join(', ')}.`,
    next: ['Stop them and run the command again'],
  });
}

function newer(name: string, revision: string, airflowVersion: string): DevenvError {
  return new DevenvError({
    code: 'database_newer_than_airflow',
    what: `The database ${name} was migrated by an Airflow that ${airflowVersion} does not know (revision ${revision}).`,
    why: 'A newer release of the same minor version made it; going back would lose what it added.',
    next: ['Set that version in devenv.yaml: `airflow: {version: …}`'],
  });
}
