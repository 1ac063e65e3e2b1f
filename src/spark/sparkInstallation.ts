import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { STAND_IN_MARK } from './standIn.ts';

/** A real Spark. */
export interface SparkInstallation {
  /** What `SPARK_HOME` is set to. */
  readonly home: string;
  /** E.g. `3.5.5`. */
  readonly version: string;
  /** The interpreter to run jobs with that name none. */
  readonly python: string;
}

/**
 * A Spark that is there already: `SPARK_HOME`, pyspark in one of these environments, or a `spark-submit` on PATH that
 * is not ours.
 *
 * @param environments folders of virtual environments, best first.
 */
export function findSpark(
  context: Pick<Context, 'env'>,
  environments: readonly string[],
): SparkInstallation | undefined {
  const { env } = context;
  const fallbackPython = environments.map(pythonOf).find((each) => existsSync(each)) ?? 'python3';
  const given = env['SPARK_HOME'];
  if (given) {
    const found = sparkAt(given, fallbackPython);
    if (found !== undefined) return found;
  }
  for (const environment of environments) {
    const found = sparkInEnvironment(environment);
    if (found !== undefined) return found;
  }
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((each) => path.isAbsolute(each));
  for (const folder of folders) {
    const home = homeBehind(path.join(folder, 'spark-submit'));
    const found = home === undefined ? undefined : sparkAt(home, fallbackPython);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * pyspark as pip installs it. The Spark Connect client alone has the name `pyspark` too, without Spark in it.
 */
export function sparkInEnvironment(environment: string): SparkInstallation | undefined {
  const libraries = path.join(environment, 'lib');
  const homes = entriesOf(libraries)
    .filter((name) => name.startsWith('python'))
    .map((name) => path.join(libraries, name, 'site-packages', 'pyspark'));
  return homes.map((home) => sparkAt(home, pythonOf(environment))).find((each) => each !== undefined);
}

/** @throws DevenvError `spark_not_found` always. */
export function sparkNotFound(project: Pick<Project, 'configFile'>): DevenvError {
  const file = project.configFile === undefined ? 'a devenv.yaml' : path.basename(project.configFile);
  return new DevenvError({
    code: 'spark_not_found',
    what: 'There is no Spark to run this job with.',
    why: 'devenv.yaml names no version, SPARK_HOME is not set, and pyspark is not among the requirements.',
    next: [
      `Name production's version in ${file}, and devenv installs it: spark: {version: 3.5.5}`,
      'Or set SPARK_HOME to one that is installed',
    ],
  });
}

function sparkAt(home: string, python: string): SparkInstallation | undefined {
  if (!existsSync(path.join(home, 'bin', 'spark-submit'))) return undefined;
  const version = versionOf(home);
  return version === undefined ? undefined : { home, version, python };
}

/** Named by its own jar, whoever has packed it. */
function versionOf(home: string): string | undefined {
  for (const name of entriesOf(path.join(home, 'jars'))) {
    const version = /^spark-core_[\d.]+-(\d+\.\d+\.\d+)/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

function homeBehind(program: string): string | undefined {
  try {
    if (readFileSync(program, 'latin1').slice(0, 500).includes(STAND_IN_MARK)) return undefined;
    const real = realpathSync(program);
    const folder = path.dirname(path.dirname(real));
    if (existsSync(path.join(folder, 'jars'))) return folder;
    // pip puts a copy into the environment's bin.
    return sparkInEnvironment(folder)?.home;
  } catch {
    return undefined;
  }
}

function pythonOf(environment: string): string {
  return path.join(environment, 'bin', 'python');
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
