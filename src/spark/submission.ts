import type { SubmitArguments } from './submitArguments.ts';

/** What was asked of Spark: command line, `--properties-file` and `spark-defaults.conf` as one. */
export interface Submission {
  /** E.g. `yarn`; Spark's own default, `local[*]`, when nobody says. */
  readonly master: string;
  readonly deployMode: 'client' | 'cluster';
  /** Settings that were said for this job alone. */
  readonly settings: ReadonlyMap<string, string>;
  /** Settings of `spark-defaults.conf` that nothing overrides. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly arguments: SubmitArguments;
}

/** The files that settings come from, parsed; absent ones are empty. */
export interface SettingFiles {
  /** `--properties-file`. */
  readonly properties: ReadonlyMap<string, string> | undefined;
  /** `spark-defaults.conf`. */
  readonly defaults: ReadonlyMap<string, string>;
}

/**
 * Puts together what Spark would. The order of `SparkSubmitArguments`: an option of the command line, `--conf`, the
 * file of `--properties-file`; `spark-defaults.conf` only without such a file, or with `--load-spark-defaults`.
 */
export function readSubmission(parsed: SubmitArguments, files: SettingFiles): Submission {
  const settings = new Map([...(files.properties ?? []), ...parsed.conf]);
  for (const [option, key] of OPTION_SETTINGS) {
    const value = parsed.options.get(option);
    if (value !== undefined) settings.set(key, value);
  }
  const readsDefaults = files.properties === undefined || parsed.flags.has('--load-spark-defaults');
  const defaults = new Map(readsDefaults ? files.defaults : []);
  for (const key of settings.keys()) defaults.delete(key);
  const setting = (key: string): string | undefined => settings.get(key) ?? defaults.get(key);
  const master = setting('spark.master') ?? 'local[*]';
  return {
    master: master.startsWith('yarn') ? 'yarn' : master,
    deployMode: deployMode(master, setting('spark.submit.deployMode')),
    settings,
    defaults,
    arguments: parsed,
  };
}

/** Spark 1 and 2 also took `yarn-cluster` and `yarn-client` for a master. */
function deployMode(master: string, mode: string | undefined): 'client' | 'cluster' {
  if (master === 'yarn-cluster') return 'cluster';
  if (master === 'yarn-client') return 'client';
  return mode === 'cluster' ? 'cluster' : 'client';
}

/** Options that are settings by another name (`OptionAssigner` in `SparkSubmit`). */
const OPTION_SETTINGS = [
  ['--master', 'spark.master'],
  ['--deploy-mode', 'spark.submit.deployMode'],
  ['--name', 'spark.app.name'],
  ['--archives', 'spark.archives'],
  ['--files', 'spark.files'],
  ['--jars', 'spark.jars'],
  ['--py-files', 'spark.submit.pyFiles'],
  ['--packages', 'spark.jars.packages'],
  ['--exclude-packages', 'spark.jars.excludes'],
  ['--repositories', 'spark.jars.repositories'],
  ['--driver-memory', 'spark.driver.memory'],
  ['--driver-cores', 'spark.driver.cores'],
  ['--driver-class-path', 'spark.driver.extraClassPath'],
  ['--driver-java-options', 'spark.driver.extraJavaOptions'],
  ['--driver-library-path', 'spark.driver.extraLibraryPath'],
  ['--executor-cores', 'spark.executor.cores'],
  ['--executor-memory', 'spark.executor.memory'],
  ['--num-executors', 'spark.executor.instances'],
  ['--total-executor-cores', 'spark.cores.max'],
  ['--queue', 'spark.yarn.queue'],
  ['--keytab', 'spark.kerberos.keytab'],
  ['--principal', 'spark.kerberos.principal'],
] as const;
