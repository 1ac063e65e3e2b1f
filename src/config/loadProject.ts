import { kubernetesSettings } from './kubernetesSettings.ts';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import type { ConfiguredPaths } from './configuredPaths.ts';
import { findConfigFile, findProjectRoot } from './findRoot.ts';
import { findPins } from './pins/findPins.ts';
import { lineEvidence } from './pins/lineEvidence.ts';
import { findProjectLock } from './pins/projectLock.ts';
import { oldProviderPin } from './pins/providerPins.ts';
import { requirementsByLooking } from './requirementsByLooking.ts';
import type {
  AirflowSettings,
  ArtifactSettings,
  FoundVersions,
  HdfsSettings,
  Project,
  Repository,
  SeedOnUp,
  SparkSettings,
} from './project.ts';
import { describeRepositories, repositoriesByLooking } from './repositories.ts';
import type { Settings } from './schema.ts';

const DEFAULT_AIRFLOW_VERSION = '3.3.2';
/** For DAG files that can't be imported on Airflow 3. */
const NEWEST_AIRFLOW_2 = '2.11.2';
/** The last that came with providers of before these were cleared of what was deprecated. */
const WITH_OLD_PROVIDERS = '2.9.3';

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
export function pinsAirflow({ airflow }: Pick<Project, 'airflow'>): boolean {
  return airflow.found?.airflow !== undefined && airflow.found.airflow.isGuess !== true;
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
    ...kubernetesSettings(settings.kubernetes, paths),
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
  const found = settings?.version === undefined ? await foundVersions(repositories, settings?.python) : {};
  const version = settings?.version ?? found.airflow?.version ?? DEFAULT_AIRFLOW_VERSION;
  const requirements = paths?.requirements ?? (await requirementsByLooking(repositories));
  const roots = repositories.map(({ path: root }) => root);
  const projectLock = paths?.constraints === undefined ? await findProjectLock(roots, version) : undefined;
  return {
    version,
    python: settings?.python ?? found.python?.version,
    ...(found.airflow === undefined && found.python === undefined ? {} : { found }),
    requirements,
    constraints: paths?.constraints,
    ...(projectLock === undefined ? {} : { projectLock }),
    config: texts(settings?.config),
    env: texts(settings?.env),
  };
}

/** What the first repository that names an Airflow says, else what the DAG files of all of them can be imported on. */
async function foundVersions(
  repositories: readonly Repository[],
  wantedPython: string | undefined,
): Promise<FoundVersions> {
  const pins = await Promise.all(repositories.map(({ path: root }) => findPins(root)));
  const telling =
    pins.find(({ airflow }) => airflow !== undefined) ?? pins.find(({ python }) => python !== undefined);
  const python = wantedPython === undefined ? telling?.python : undefined;
  if (telling?.airflow !== undefined) return { airflow: telling.airflow, python };
  return { ...(await versionByEvidence(repositories)), python };
}

/** Of nothing that tells, and of what is for Airflow 3, the default is made. */
async function versionByEvidence(
  repositories: readonly Repository[],
): Promise<Pick<FoundVersions, 'airflow'>> {
  const evidence = await lineEvidence(repositories.flatMap(({ dagsFolders }) => dagsFolders));
  if (evidence?.line === 3) return {};
  const guess = (version: string, file: string, line: number) => ({
    airflow: { version, file, line, isGuess: true },
  });
  if (evidence?.oldProviders === true) return guess(WITH_OLD_PROVIDERS, evidence.file, evidence.at);
  for (const { path: root } of repositories) {
    const pin = await oldProviderPin(root);
    if (pin !== undefined) return guess(WITH_OLD_PROVIDERS, pin.file, pin.line);
  }
  return evidence === undefined ? {} : guess(NEWEST_AIRFLOW_2, evidence.file, evidence.at);
}

function texts(values: Readonly<Record<string, string | number | boolean>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function seedOnUp(seed: Settings['seed']): SeedOnUp {
  return (typeof seed === 'object' && !Array.isArray(seed) ? seed.on_up : undefined) ?? 'missing';
}
