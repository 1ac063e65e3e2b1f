import { existsSync } from 'node:fs';
import path from 'node:path';
import { hadoopFiles } from '../hdfs/configuration/writeHadoopConfiguration.ts';
import type { Context } from '../context.ts';
import { setupEnvironment, type SparkSetup } from './sparkSetup.ts';
import type { SubmitPlan } from './submitPlan.ts';

interface Parts {
  readonly project: { readonly stateDirectory: string };
  readonly plan: SubmitPlan;
  readonly setup: SparkSetup;
  readonly folder: string;
}

/**
 * The environment of a job's processes. On YARN the driver would see nothing of the caller's in cluster mode: what
 * tells a Python where Airflow and its database are stays away from it.
 */
export function jobEnvironment(
  env: Context['env'],
  { project, plan, setup, folder }: Parts,
): Record<string, string | undefined> {
  const isCluster = plan.workingDirectory === plan.containerDirectory;
  const callers = Object.entries(env).filter(([name]) => !(isCluster && OF_AIRFLOW.test(name)));
  return {
    ...Object.fromEntries(callers),
    HADOOP_CONF_DIR: hadoopConfiguration(env, project.stateDirectory),
    SPARK_CONF_DIR: path.join(folder, 'conf'),
    PWD: plan.workingDirectory,
    ...plan.environment,
    ...setupEnvironment(setup),
  };
}

const OF_AIRFLOW =
  /^(?:AIRFLOW__|AIRFLOW_(?:CONN|VAR|CTX)_|AIRFLOW_HOME$|AIRFLOW_DEVENV_IMPORT_PATHS$|VIRTUAL_ENV$)/;

/** A folder of production that a task names is not here. */
function hadoopConfiguration(env: Context['env'], stateDirectory: string): string | undefined {
  const given = env['HADOOP_CONF_DIR'];
  if (given && existsSync(given)) return given;
  const { directory } = hadoopFiles(stateDirectory);
  return existsSync(directory) ? directory : undefined;
}
