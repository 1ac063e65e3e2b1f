import type { Project } from '../config/project.ts';
import { settingNeed, type TrustNeed } from './trustNeed.ts';

/** Variables with which a loader, an interpreter or a shell runs other code than what was asked for. */
const LOADS_CODE =
  /^(?:LD_|DYLD_|PYTHON|GCONV_PATH$|BASH_ENV$|ENV$|NODE_OPTIONS$|GIT_|PERL5|RUBY|JAVA_TOOL_OPTIONS$|AIRFLOW__.*_CMD$)/;

/** What the configuration sets that has any Airflow run other code, also one that only looks at the database. */
export function settingNeeds(project: Pick<Project, 'airflow' | 'configFile' | 'root'>): TrustNeed[] {
  const place = { file: project.configFile ?? project.root };
  const { env, config } = project.airflow;
  return [
    ...Object.entries(env)
      .filter(([name]) => LOADS_CODE.test(name))
      .map(([name, value]) => settingNeed(`airflow.env.${name}`, value, place)),
    ...Object.entries(config)
      .filter(([name]) => /_cmd$/i.test(name))
      .map(([name, value]) => settingNeed(`airflow.config.${name}`, value, place)),
  ];
}
