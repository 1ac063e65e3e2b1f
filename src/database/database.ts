import type { Context } from '../context.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { clusterAnswers, clusterState, stopCluster } from './cluster.ts';
import { endLeftovers } from './clusterProcesses.ts';
import { describeDatabase, type DatabaseDescription } from './describeDatabase.ts';
import { clusterOf, ensurePostgres, ensurePostgresServer } from './postgres.ts';
import { ensureSqlite } from './sqlite.ts';
import { withDatabaseLock } from './databaseLock.ts';
import type { DatabaseEnvironment, DatabaseProject } from './databaseProject.ts';

export interface DatabaseOptions {
  /** The variables Airflow itself gets: for the migration, without the database's URL. */
  readonly airflowEnvironment: Readonly<Record<string, string>>;
}

export interface Database extends DatabaseDescription {
  /** Whether this call made it. */
  readonly created: boolean;
}

/**
 * The project's database for this version of Airflow: running, migrated, its rows untouched. Any number of
 * processes may ask at once. After a crash of any part it repairs what is left.
 *
 * @throws DevenvError `postgres_not_installed`, `postgres_not_starting`, `postgres_not_stopping`, `database_migration_failed`,
 * `database_newer_than_airflow`, `database_in_use`, `database_of_another_user`, `database_format_unknown`,
 * `user_cannot_reach_folder`, `disk_full`, `not_writable`; the signal's reason when aborted.
 */
export async function ensureDatabase(
  context: Context,
  project: DatabaseProject,
  environment: DatabaseEnvironment,
  options: DatabaseOptions,
): Promise<Database> {
  const description = describeDatabase(project, environment, await runtimeDirectory(context, project.root));
  const request = { project, environment, airflowEnvironment: options.airflowEnvironment, description };
  const created =
    project.database === 'sqlite'
      ? await ensureSqlite(context, request)
      : await ensurePostgres(context, request);
  return { ...description, created };
}

/**
 * The project's Postgres server alone, running: `ensureDatabase` sees to what is in it. Nothing to do for SQLite.
 *
 * @throws DevenvError as `ensureDatabase`.
 */
export async function ensureDatabaseServer(
  context: Context,
  project: DatabaseProject,
  environment: DatabaseEnvironment,
  options: DatabaseOptions,
): Promise<void> {
  if (project.database === 'sqlite') return;
  const description = describeDatabase(project, environment, await runtimeDirectory(context, project.root));
  const { airflowEnvironment } = options;
  await ensurePostgresServer(context, { project, environment, airflowEnvironment, description });
}

/** Of the Postgres server that runs and is ready; undefined when none is. */
export async function databaseServerPid(
  context: Context,
  project: DatabaseProject,
): Promise<number | undefined> {
  if (project.database === 'sqlite') return undefined;
  const state = await clusterState(context, await clusterOf(context, project));
  return state.status === 'ready' ? state.pid : undefined;
}

/** Whether Postgres answers where `describeDatabase` says; SQLite is always up. Costs a few milliseconds. */
export async function databaseIsUp(context: Context, project: DatabaseProject): Promise<boolean> {
  if (project.database === 'sqlite') return true;
  return clusterAnswers(context, await clusterOf(context, project));
}

/**
 * Stops the project's Postgres; every committed row is kept.
 *
 * @returns whether it ran.
 */
export async function stopDatabase(context: Context, project: DatabaseProject): Promise<boolean> {
  if (project.database === 'sqlite') return false;
  const cluster = await clusterOf(context, project);
  if ((await clusterState(context, cluster)).status === 'down') return false;
  return withDatabaseLock(context, project, () => stopCluster(context, cluster));
}

/** Ends the processes of a Postgres whose files are gone: there is nothing that it could keep. */
export async function endDatabaseAtOnce(context: Context, project: DatabaseProject): Promise<void> {
  if (project.database === 'postgres') await endLeftovers(context, await clusterOf(context, project));
}
