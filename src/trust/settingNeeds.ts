import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import { settingNeed, type TrustNeed } from './trustNeed.ts';

/** Variables with which a loader, an interpreter or a shell runs other code than what was asked for. */
const LOADS_CODE =
  /^(?:LD_|DYLD_|PYTHON|GCONV_PATH$|BASH_ENV$|ENV$|NODE_OPTIONS$|GIT_|PERL5|RUBY|JAVA_TOOL_OPTIONS$)/;

/** Where Airflow finds more settings, and those with which it runs a program or imports what they name. */
const LOADS_AIRFLOW_CODE = [
  /^AIRFLOW_(?:CONFIG|HOME)$/,
  /^AIRFLOW__.*_CMD$/,
  /^AIRFLOW__LOGGING__.*_CLASS$/,
  /^AIRFLOW__(?:SECRETS__BACKEND|WORKERS__SECRETS_BACKEND)$/,
  /^AIRFLOW__(?:CORE|DATABASE)__SQL_ALCHEMY_(?:CONNECT_ARGS|SESSION_MAKER)$/,
  /^AIRFLOW__CORE__PLUGINS_FOLDER$/,
  /^AIRFLOW__METRICS__STATSD_CUSTOM_CLIENT_PATH$/,
];

/** What a repository sets that has any Airflow run other code, also one that only looks at the database. */
export function settingNeeds(
  project: Pick<Project, 'airflow' | 'configFile' | 'root' | 'repositories'>,
): TrustNeed[] {
  const place = { file: project.configFile ?? project.root };
  const { env, config } = project.airflow;
  return [
    ...Object.entries(env)
      .filter(([name]) => loadsCode(name))
      .map(([name, value]) => settingNeed(`airflow.env.${name}`, value, place)),
    ...Object.entries(config)
      .filter(([name]) => loadsCode(variableOf(name)))
      .map(([name, value]) => settingNeed(`airflow.config.${name}`, value, place)),
    ...project.repositories
      .flatMap(({ pluginsFolders }) => pluginsFolders)
      .flatMap(localSettings)
      .map((file) => settingNeed('plugins', file, { file })),
  ];
}

/** Airflow has its folder of plugins among the import paths and imports this module at every start, if there is one. */
function localSettings(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^airflow_local_settings(?:\.|$)/.test(name));
    return names.map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function loadsCode(variable: string): boolean {
  return LOADS_CODE.test(variable) || LOADS_AIRFLOW_CODE.some((each) => each.test(variable));
}

/** As Airflow gets `core.parallelism` from us. */
function variableOf(option: string): string {
  return `AIRFLOW__${option.replace('.', '__')}`.toUpperCase();
}
