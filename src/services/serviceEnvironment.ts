import path from 'node:path';
import type { Project } from '../config/project.ts';
import { STACK_VARIABLE } from '../dagruns/runner.ts';
import { assetsDirectory } from '../platform/assets.ts';
import { OUR_APPLICATION_NAME } from '../database/sql.ts';
import { hasDagProcessor } from './airflowServices.ts';

/** How requests get permission; the Python side is `access_settings.py`. */
export interface StackAccess {
  /** The project's access key. */
  readonly key: string;
  /** By which browsers know the UI. */
  readonly host: string;
  /** Another text in each life of the stack. */
  readonly session: string;
  /** Milliseconds since the epoch, when this life began. */
  readonly since: number;
}

export interface ServiceEnvironmentParts {
  readonly project: Project;
  readonly airflowVersion: string;
  /** As `airflowEnvironment` gives it: what a person has set in it wins over our defaults. */
  readonly airflowEnvironment: Readonly<Record<string, string>>;
  readonly port: number;
  readonly access: StackAccess;
  /** See `STACK_VARIABLE`. */
  readonly stackId: string;
}

/** The whole environment of one service of a stack. */
export function serviceEnvironment(service: string, parts: ServiceEnvironmentParts): Record<string, string> {
  const isOldLine = parts.airflowVersion.startsWith('2.');
  const { project, airflowEnvironment } = parts;
  return {
    ...(isOldLine ? DEFAULTS_2 : DEFAULTS_3),
    ...airflowEnvironment,
    ...(isOldLine ? own2(project, parts) : own3(parts)),
    PGAPPNAME: `${OUR_APPLICATION_NAME}-${service}`,
    // For the secrets that were seeded; see lines/seeded_masks.py.
    AIRFLOW_DEVENV_STATE: project.stateDirectory,
    [STACK_VARIABLE]: parts.stackId,
    ...(service === 'api-server' ? accessVariables(parts.access) : {}),
  };
}

function accessVariables({ key, host, session, since }: StackAccess): Record<string, string> {
  return {
    AIRFLOW_DEVENV_ACCESS_KEY: key,
    AIRFLOW_DEVENV_UI_HOST: host,
    AIRFLOW_DEVENV_UI_SESSION: session,
    AIRFLOW_DEVENV_UI_SINCE: String(Math.floor(since / 1000)),
  };
}

/** Airflow 2 has one DAGs folder; several repositories, or instances, meet in a folder of links. */
export function linkedDagsFolder(project: Project): string | undefined {
  const folders = project.repositories.flatMap((each) => each.dagsFolders);
  return folders.length > 1 ? path.join(project.stateDirectory, 'airflow', 'linked-dags') : undefined;
}

/**
 * Intervals made for production cost a person time: a new file is found after 5 s instead of 5 min, the scheduler
 * looks again after 0.25 s of nothing to do instead of 1 s.
 */
const DEFAULTS_3: Readonly<Record<string, string>> = {
  AIRFLOW__API__WORKERS: '1',
  AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES: '1',
  AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: '5',
  AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL: '30',
  AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: '0.25',
};

const DEFAULTS_2: Readonly<Record<string, string>> = {
  AIRFLOW__WEBSERVER__WORKERS: '1',
  AIRFLOW__WEBSERVER__RELOAD_ON_PLUGIN_CHANGE: 'False',
  AIRFLOW__SCHEDULER__PARSING_PROCESSES: '1',
  AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL: '5',
  AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL: '30',
  AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: '0.25',
};

const SIMPLE_AUTH_MANAGER = 'airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager';

function own3({ port, access }: ServiceEnvironmentParts): Record<string, string> {
  return {
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__PORT: String(port),
    // What stands in front of Airflow decides who gets in; Airflow then asks nobody.
    AIRFLOW__CORE__AUTH_MANAGER: SIMPLE_AUTH_MANAGER,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: 'True',
    // Links to the UI are for a browser.
    AIRFLOW__API__BASE_URL: `http://${access.host}:${port}`,
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${port}/execution/`,
  };
}

function own2(
  project: Project,
  { port, access, airflowVersion }: ServiceEnvironmentParts,
): Record<string, string> {
  const linked = linkedDagsFolder(project);
  return {
    AIRFLOW__WEBSERVER__WEB_SERVER_HOST: '127.0.0.1',
    AIRFLOW__WEBSERVER__WEB_SERVER_PORT: String(port),
    AIRFLOW__WEBSERVER__BASE_URL: `http://${access.host}:${port}`,
    AIRFLOW__WEBSERVER__CONFIG_FILE: path.join(assetsDirectory(), 'airflow', 'python', 'webserver_config.py'),
    AIRFLOW__API__AUTH_BACKENDS: 'airflow.api.auth.backend.default,airflow.api.auth.backend.session',
    AIRFLOW__SCHEDULER__STANDALONE_DAG_PROCESSOR: hasDagProcessor({
      database: project.database,
      airflowVersion,
    })
      ? 'True'
      : 'False',
    ...(project.database === 'sqlite' ? { AIRFLOW__CORE__EXECUTOR: 'SequentialExecutor' } : {}),
    ...(linked === undefined ? {} : { AIRFLOW__CORE__DAGS_FOLDER: linked }),
  };
}
