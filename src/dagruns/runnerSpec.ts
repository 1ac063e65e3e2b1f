import path from 'node:path';
import { prepareAirflowHome } from '../airflow/airflowHome.ts';
import { airflowEnvironment } from '../airflow/airflowEnvironment.ts';
import { ensureEnvironment, type EnvironmentRequest } from '../airflow/environment.ts';
import { ensureKeys, type Keys } from '../airflow/keys.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { ensureDatabase } from '../database/database.ts';
import { OWN_WORK, withWaitsTold } from '../database/locks/watchWaits.ts';
import { describeDatabase } from '../database/describeDatabase.ts';
import { removeAbandonedFiles } from '../platform/abandonedFiles.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import type { RunnerSpec } from './runner.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface ProjectSpec extends RunnerSpec {
  readonly keys: Keys;
}

/**
 * What any process of the project's Airflow is made from. The environment and the keys are made when they are
 * missing; the database is only named (`ensureProjectDatabase` makes it).
 *
 * @throws DevenvError when the environment can't be had, `keys_damaged`, `runtime_directory_unsafe`.
 */
export async function projectSpec(context: Context, project: Project): Promise<ProjectSpec> {
  const { root, stateDirectory } = project;
  const [environment, runtime, keys] = await Promise.all([
    ensureEnvironment(context, environmentRequest(project)),
    runtimeDirectory(context, root),
    ensureKeys(stateDirectory),
    prepareAirflowHome(context, path.join(stateDirectory, 'airflow')),
    removeAbandonedFiles(
      ['', ...WITH_ATOMIC_FILES].map((name) => path.join(stateDirectory, name)),
      context.now(),
    ),
  ]);
  const database = describeDatabase(project, environment, runtime);
  const variables = airflowEnvironment(context, { project, environment, keys, databaseUrl: database.url });
  return {
    environment,
    database,
    stateDirectory,
    runtimeDirectory: runtime,
    keys,
    airflowEnvironment: await withStandIns(context, project, variables),
  };
}

/** Folders of `.devenv` in which files are written by rename, or locks are taken. */
const WITH_ATOMIC_FILES = [
  'airflow',
  'artifacts',
  'hdfs',
  'postgres',
  'runs',
  'snapshots',
  'spark',
  'sqlite',
];

/** What stands in for a cluster's services. Projects that want none of them load none of it. */
async function withStandIns(
  context: Context,
  project: Project,
  environment: Record<string, string>,
): Promise<Record<string, string>> {
  if (project.kubernetes !== undefined) {
    const { withKubernetes } = await import('../kubernetes/projectEnvironment.ts');
    return withHadoopStandIns(context, project, await withKubernetes(project, environment));
  }
  return withHadoopStandIns(context, project, environment);
}

async function withHadoopStandIns(
  context: Context,
  project: Project,
  environment: Record<string, string>,
): Promise<Record<string, string>> {
  if (project.hdfs === undefined) return environment;
  const { withHadoop } = await import('../hdfs/projectEnvironment.ts');
  const withHdfs = await withHadoop(context, project, environment);
  if (project.spark === undefined) return withHdfs;
  const { withSpark } = await import('../spark/projectEnvironment.ts');
  return withSpark(project, withHdfs);
}

export function environmentRequest(project: Pick<Project, 'airflow'>): EnvironmentRequest {
  const { version, python, requirements, constraints, projectLock, found } = project.airflow;
  return { airflowVersion: version, python, requirements, constraints, projectLock, found };
}

/**
 * Starts the project's database, migrated, unless it runs.
 *
 * @throws DevenvError what `ensureDatabase` throws.
 */
export async function ensureProjectDatabase(
  context: Context,
  project: Project,
  spec: RunnerSpec,
): Promise<void> {
  await makePrivateFolder(path.join(spec.stateDirectory, 'airflow'));
  const { environment, airflowEnvironment } = spec;
  await withWaitsTold(context, project, OWN_WORK, () =>
    ensureDatabase(context, project, environment, { airflowEnvironment }),
  );
}
