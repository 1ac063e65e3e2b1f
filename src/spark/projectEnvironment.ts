import { readFile } from 'node:fs/promises';
import type { Project } from '../config/project.ts';
import { sparkEnvironment } from './sparkEnvironment.ts';
import { installSparkStandIn } from './standIn.ts';

/**
 * The environment of everything that runs the project's Airflow, with what takes Spark jobs for YARN; writes the
 * programs that it names.
 *
 * @param environment with the project's programs first on its PATH, as `withHadoop` gives it.
 * @throws DevenvError `disk_full`, `not_writable`.
 */
export async function withSpark(
  project: Pick<Project, 'root' | 'stateDirectory' | 'configFile' | 'seed'>,
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  await installSparkStandIn(project);
  const texts = await Promise.all(
    (project.seed ?? []).map(async (each) => readFile(each.path, 'utf8').catch(() => '')),
  );
  // A word in the file is enough: it may be encrypted value by value.
  const isSeeded = texts.some((text) => /\bspark_default\b/.test(text));
  return sparkEnvironment(environment, new Set(isSeeded ? ['spark_default'] : []));
}
