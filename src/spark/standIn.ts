import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import { programsDirectory } from '../hdfs/configuration/hadoopEnvironment.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { ownProgram } from '../platform/ownProgram.ts';

/** Tells what devenv has written from Spark's own programs. */
export const STAND_IN_MARK = '# devenv: stands in for Spark';

/** Airflow's connections may name the second and third; the hook kills jobs with the last. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'spark-submit': 'spark-submit',
  'spark2-submit': 'spark-submit',
  'spark3-submit': 'spark-submit',
  'spark-sql': 'spark-sql',
  'yarn': 'yarn',
};

/**
 * Puts `spark-submit`, `spark-sql` and `yarn` where tasks find them first. They work on after this program has moved
 * or the project's `devenv.yaml` has changed: only what is written here is fixed.
 *
 * @throws DevenvError `disk_full`, `not_writable`.
 */
export async function installSparkStandIn(
  project: Pick<Project, 'root' | 'stateDirectory' | 'configFile'>,
): Promise<void> {
  const folder = programsDirectory(project.stateDirectory);
  for (const [name, command] of Object.entries(PROGRAMS)) {
    const file = path.join(folder, name);
    const text = script(command, project);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text) continue;
    await writeFileAtomic(file, text, 0o755);
    await chmod(file, 0o755);
  }
}

function script(command: string, { root, configFile }: Pick<Project, 'root' | 'configFile'>): string {
  const config = configFile === undefined ? [] : ['--config', configFile];
  const words = [...ownProgram(), '--directory', root, ...config, command, '--'];
  return `#!/bin/sh\n${STAND_IN_MARK}\nexec ${words.map(quote).join(' ')} "$@"\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
