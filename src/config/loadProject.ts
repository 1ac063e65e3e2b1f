import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { findAirflowPin } from './airflowPin.ts';
import type { AirflowPin } from './airflowPin.ts';
import type { ConfiguredPaths } from './configuredPaths.ts';
import { findConfigFile, findProjectRoot } from './findRoot.ts';
import { readFolder } from './folders.ts';
import type {
  AirflowSettings,
  ArtifactSettings,
  HdfsSettings,
  Project,
  Repository,
  SeedOnUp,
  SparkSettings,
} from './project.ts';
import { describeRepositories, repositoriesByLooking } from './repositories.ts';
import type { Settings } from './schema.ts';

const DEFAULT_AIRFLOW_VERSION = '3.3.2';

/**
 * The project around the working directory: what `devenv.yaml` says, and by looking what it doesn't say.
 * Starts no process and writes nothing.
 *
 * @throws DevenvError `config_*` (misuse) for every mistake in `devenv.yaml`, with file, line and column.
 */
export async function loadProject(
  context: Pick<Context, 'env' | 'workingDirectory'>,
  options: { readonly configFile?: string | undefined } = {},
): Promise<Project> {
  const configFile =
    options.configFile === undefined
      ? await findConfigFile(context.workingDirectory)
      : path.resolve(context.workingDirectory, options.configFile);
  if (configFile === undefined) {
    return assemble(await findProjectRoot(context.workingDirectory), undefined, {}, undefined);
  }
  // zod and yaml take longer to load than a warm run takes: only who has a file pays for them.
  const [{ readConfig }, { configuredPaths }] = await Promise.all([
    import('./readConfig.ts'),
    import('./configuredPaths.ts'),
  ]);
  const config = await readConfig(configFile);
  const paths = await configuredPaths(config, context.env['HOME']);
  return assemble(await realpath(path.dirname(configFile)), configFile, config.settings, paths);
}

/** The project as it would be without a configuration file. */
export async function projectByLooking(workingDirectory: string): Promise<Project> {
  return assemble(await findProjectRoot(workingDirectory), undefined, {}, undefined);
}

/** Whether a repository of the project names the version of Airflow that it wants. */
export async function pinsAirflow({ repositories }: Pick<Project, 'repositories'>): Promise<boolean> {
  return (await firstPin(repositories)) !== undefined;
}

async function assemble(
  root: string,
  configFile: string | undefined,
  settings: Settings,
  paths: ConfiguredPaths | undefined,
): Promise<Project> {
  const repositories = paths?.repositories
    ? await describeRepositories(paths.repositories)
    : await repositoriesByLooking(root);
  return {
    root,
    configFile,
    stateDirectory: path.join(root, '.devenv'),
    airflow: await airflowSettings(settings.airflow, repositories, paths),
    repositories,
    database: settings.database ?? 'postgres',
    seed: paths?.seed,
    seedOnUp: seedOnUp(settings.seed),
    required: {
      variables: settings.required?.variables ?? [],
      connections: settings.required?.connections ?? [],
    },
    ...hdfsSettings(settings, paths),
    ...sparkSettings(settings.spark, paths),
    ...artifactSettings(settings.artifacts, paths, path.join(root, '.devenv')),
  };
}

function sparkSettings(
  spark: Settings['spark'],
  paths: ConfiguredPaths | undefined,
): { readonly spark?: SparkSettings } {
  if (spark === undefined) return {};
  const { version, python, master, memory, conf } = spark;
  return {
    spark: {
      version,
      python,
      requirements: paths?.sparkRequirements ?? [],
      master,
      memory,
      conf: texts(conf),
      defaults: paths?.sparkDefaults,
    },
  };
}

function artifactSettings(
  artifacts: Settings['artifacts'],
  paths: ConfiguredPaths | undefined,
  stateDirectory: string,
): { readonly artifacts?: ArtifactSettings } {
  if (paths?.artifactsFile === undefined) return {};
  const maven = typeof artifacts === 'object' ? (artifacts.maven ?? []) : [];
  return {
    artifacts: {
      file: paths.artifactsFile,
      overrides: paths.artifactOverrides ?? path.join(stateDirectory, 'artifacts', 'overrides'),
      maven: typeof maven === 'string' ? [maven] : maven,
    },
  };
}

/** Spark jobs and the artifacts of jobs have their files there. */
function hdfsSettings(
  { hdfs, spark, artifacts }: Settings,
  paths: ConfiguredPaths | undefined,
): { readonly hdfs?: HdfsSettings } {
  if (hdfs === undefined && spark === undefined && artifacts === undefined) return {};
  return {
    hdfs: {
      nameservice: hdfs?.nameservice,
      user: hdfs?.user,
      conf: paths?.hdfsConf ?? [],
      seed: paths?.hdfsSeed ?? [],
    },
  };
}

async function airflowSettings(
  settings: Settings['airflow'],
  repositories: readonly Repository[],
  paths: ConfiguredPaths | undefined,
): Promise<AirflowSettings> {
  const pin = settings?.version === undefined ? await firstPin(repositories) : undefined;
  return {
    version: settings?.version ?? pin?.version ?? DEFAULT_AIRFLOW_VERSION,
    python: settings?.python ?? pin?.python,
    requirements: paths?.requirements ?? (await requirementsByLooking(repositories)),
    constraints: paths?.constraints,
    config: texts(settings?.config),
    env: texts(settings?.env),
  };
}

async function firstPin(repositories: readonly Repository[]): Promise<AirflowPin | undefined> {
  for (const { path: root } of repositories) {
    const pin = await findAirflowPin(root);
    if (pin !== undefined) return pin;
  }
  return undefined;
}

/** docs/decisions/0002-requirements-found-by-looking.md says which files count and why. */
async function requirementsByLooking(repositories: readonly Repository[]): Promise<string[]> {
  const found: string[] = [];
  for (const { path: root } of repositories) {
    const { files, folders } = await readFolder(root);
    if (folders.has('dags') && files.has('requirements.txt')) found.push(path.join(root, 'requirements.txt'));
  }
  return found;
}

function texts(values: Readonly<Record<string, string | number | boolean>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function seedOnUp(seed: Settings['seed']): SeedOnUp {
  return (typeof seed === 'object' && !Array.isArray(seed) ? seed.on_up : undefined) ?? 'missing';
}
