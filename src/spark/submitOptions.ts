/**
 * The words of spark-submit's command line, as Spark 4.1 has them (`SparkSubmitOptionParser`); earlier ones have
 * fewer.
 */
export const VALUE_OPTIONS = [
  '--archives',
  '--class',
  '--conf',
  '--deploy-mode',
  '--driver-class-path',
  '--driver-cores',
  '--driver-java-options',
  '--driver-library-path',
  '--driver-memory',
  '--exclude-packages',
  '--executor-cores',
  '--executor-memory',
  '--files',
  '--jars',
  '--keytab',
  '--kill',
  '--master',
  '--name',
  '--num-executors',
  '--packages',
  '--principal',
  '--properties-file',
  '--proxy-user',
  '--py-files',
  '--queue',
  '--remote',
  '--repositories',
  '--status',
  '--total-executor-cores',
] as const;

export type ValueOption = (typeof VALUE_OPTIONS)[number];

/** `--verbose` and `--version` among them. */
export const FLAG_OPTIONS = [
  '--help',
  '--load-spark-defaults',
  '--supervise',
  '--usage-error',
  '--verbose',
  '--version',
] as const;

export type FlagOption = (typeof FLAG_OPTIONS)[number];

const SHORT_NAMES: Readonly<Record<string, string>> = { '-c': '--conf', '-h': '--help', '-v': '--verbose' };

export function valueOption(word: string): ValueOption | undefined {
  const name = SHORT_NAMES[word] ?? word;
  return VALUE_OPTIONS.find((each) => each === name);
}

export function flagOption(word: string): FlagOption | undefined {
  const name = SHORT_NAMES[word] ?? word;
  return FLAG_OPTIONS.find((each) => each === name);
}
