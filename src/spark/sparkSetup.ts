import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { findJava, type Java } from './javaSearch.ts';
import { ensureSpark } from './sparkBuild.ts';
import { findSpark, type SparkInstallation, sparkNotFound } from './sparkInstallation.ts';

export interface SparkSetup {
  readonly spark: SparkInstallation;
  readonly java: Java;
}

type Needed = Pick<Project, 'spark' | 'configFile'>;

/**
 * The Spark and the Java that the project's jobs run with: the Spark that `devenv.yaml` names, installed when it is
 * missing, else one that is there.
 *
 * @param environment the project's virtual environment, which may hold pyspark.
 * @throws DevenvError `spark_not_found`, `java_not_found`, `java_unsuitable`; what `ensureSpark` throws.
 */
export async function sparkSetup(
  context: Context,
  project: Needed,
  environment: string | undefined,
): Promise<SparkSetup> {
  const version = project.spark?.version;
  if (version !== undefined) {
    // Before minutes of download.
    const java = findJava(context, version);
    const { python, requirements } = project.spark ?? { python: undefined, requirements: [] };
    return { spark: await ensureSpark(context, { version, python, requirements }), java };
  }
  const spark = findSpark(context, environment === undefined ? [] : [environment]);
  if (spark === undefined) throw sparkNotFound(project);
  return { spark, java: findJava(context, spark.version) };
}

/** What any of Spark's programs is started with. */
export function setupEnvironment({ spark, java }: SparkSetup): Record<string, string> {
  return { SPARK_HOME: spark.home, JAVA_HOME: java.home };
}

/** Where this Spark's `spark-defaults.conf` may be; the project's own wins. */
export function defaultsFiles(
  { env }: Pick<Context, 'env'>,
  project: Needed,
  home: string | undefined,
): string[] {
  if (project.spark?.defaults !== undefined) return [project.spark.defaults];
  const folders = [env['SPARK_CONF_DIR'], home === undefined ? undefined : path.join(home, 'conf')];
  return folders
    .filter((each) => each !== undefined && each !== '')
    .map((folder) => path.join(folder ?? '', 'spark-defaults.conf'))
    .filter((file) => existsSync(file));
}
