import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { definedOnly } from '../platform/definedOnly.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import type { Environment } from './environment.ts';
import type { Keys } from './keys.ts';

export interface AirflowEnvironmentParts {
  readonly project: Project;
  readonly environment: Pick<Environment, 'directory' | 'airflowVersion'>;
  readonly keys: Keys;
  /** SQLAlchemy URL of the metadata database. */
  readonly databaseUrl: string;
}

/**
 * The environment variables that any process of the project's Airflow gets.
 *
 * What is said later wins: our defaults, `devenv.yaml`, the person's shell, and last what keeps this Airflow
 * apart from every other one on the machine.
 */
export function airflowEnvironment(context: Context, parts: AirflowEnvironmentParts): Record<string, string> {
  const { project, environment } = parts;
  const shell = definedOnly(cleanEnvironment(context.env));
  return {
    ...defaults(parts),
    ...configVariables(project.airflow.config),
    ...project.airflow.env,
    ...shell,
    ...ownVariables(parts),
    ...withoutProxyForLoopback(shell),
    PATH: [path.join(environment.directory, 'bin'), shell['PATH']].filter(Boolean).join(path.delimiter),
    VIRTUAL_ENV: environment.directory,
  };
}

/** Tasks of Airflow 3 ask the API server on this machine for everything: no proxy can reach that for them. */
function withoutProxyForLoopback(shell: Readonly<Record<string, string>>): Record<string, string> {
  const given = shell['NO_PROXY'] ?? shell['no_proxy'];
  const hosts = [given, 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
  return { NO_PROXY: hosts, no_proxy: hosts };
}

/** `core.parallelism: 4` as Airflow reads it from the environment. */
function configVariables(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const [section = '', ...option] = key.split('.');
      return [`AIRFLOW__${section}__${option.join('.')}`.toUpperCase(), value];
    }),
  );
}

/** Airflow 3's bundles: one for each DAGs folder, named after its repository. */
export function bundles(project: Project): { name: string; path: string }[] {
  return project.repositories.flatMap((repository) =>
    repository.dagsFolders.map((folder) => ({
      name:
        repository.dagsFolders.length === 1
          ? repository.name
          : bundleName(repository.path, repository.name, folder),
      path: folder,
    })),
  );
}

function bundleName(repositoryPath: string, repositoryName: string, folder: string): string {
  const inside = path.relative(repositoryPath, folder).split(path.sep);
  return [repositoryName, ...inside.filter((each) => each !== 'dags')].join('-');
}

/** Where Airflow looks for DAGs when nothing more special is configured. */
function dagsFolder(project: Project): string {
  return (
    project.repositories.flatMap((each) => each.dagsFolders)[0] ??
    path.join(project.stateDirectory, 'airflow', 'dags')
  );
}

function defaults({ project, environment }: AirflowEnvironmentParts): Record<string, string> {
  const plugins = project.repositories.flatMap((each) => each.pluginsFolders)[0];
  return {
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__EXECUTOR: 'LocalExecutor',
    AIRFLOW__CORE__PARALLELISM: '4',
    AIRFLOW__CORE__HOSTNAME_CALLABLE: 'socket.gethostname',
    // 30 s by default: an edit made sooner than that would be ignored.
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: '0',
    // 2 by default: the author's own line is often further up.
    AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH: '100',
    AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT: '300',
    ...(plugins === undefined ? {} : { AIRFLOW__CORE__PLUGINS_FOLDER: plugins }),
    AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE: '2',
    AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW: '3',
    // The server is on this machine, and a statement more for each transaction costs a tenth of a short task.
    AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_PRE_PING: 'False',
    AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS: 'False',
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: 'False',
    ...(environment.airflowVersion.startsWith('2.')
      ? { AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY: 'True' }
      : {}),
    PYTHONIOENCODING: 'utf-8:backslashreplace',
    PYTHONUNBUFFERED: '1',
  };
}

function ownVariables({
  project,
  environment,
  keys,
  databaseUrl,
}: AirflowEnvironmentParts): Record<string, string> {
  const own: Record<string, string> = {
    AIRFLOW_HOME: path.join(project.stateDirectory, 'airflow'),
    AIRFLOW__CORE__DAGS_FOLDER: dagsFolder(project),
    AIRFLOW__CORE__FERNET_KEY: keys.fernet,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: databaseUrl,
  };
  if (environment.airflowVersion.startsWith('2.'))
    return { ...own, AIRFLOW__WEBSERVER__SECRET_KEY: keys.api };
  return {
    ...own,
    AIRFLOW__API__SECRET_KEY: keys.api,
    AIRFLOW__API_AUTH__JWT_SECRET: keys.jwt,
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: JSON.stringify(
      bundles(project).map(({ name, path: folder }) => ({
        name,
        classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle',
        // 5 min by default: that long a new file would not be seen.
        kwargs: { path: folder, refresh_interval: 5 },
      })),
    ),
  };
}
