/** Commands whose words are another program's: also `--help` and `-c` behind their names. */
const PASS_THROUGH = new Set([
  'airflow',
  'python',
  'shell',
  'hdfs',
  'kubectl',
  'spark-submit',
  'spark-sql',
  'yarn',
]);
const OPTIONS_WITH_VALUE = new Set(['-C', '--directory', '--config']);

/** `devenv` alone is `devenv up`. */
export function withDefaultCommand(argv: readonly string[], isOnTerminal: boolean): readonly string[] {
  let index = 2;
  while (OPTIONS_WITH_VALUE.has(argv[index] ?? '')) index += 2;
  return argv.length > index || !isOnTerminal ? argv : [...argv, 'up'];
}

/**
 * Puts `--` behind the name of such a command, so that our own parser leaves the rest alone.
 *
 * @param argv as `process.argv`: the program's words begin at 2.
 */
export function separatePassedArguments(argv: readonly string[]): string[] {
  const index = commandIndex(argv);
  const name = argv[index];
  if (name === undefined || !PASS_THROUGH.has(name) || argv[index + 1] === '--') return [...argv];
  return [...argv.slice(0, index + 1), '--', ...argv.slice(index + 1)];
}

/** The first word that is no option of `devenv` itself. */
export function commandName(argv: readonly string[]): string | undefined {
  return argv[commandIndex(argv)];
}

function commandIndex(argv: readonly string[]): number {
  let index = 2;
  while (argv[index]?.startsWith('-')) index += OPTIONS_WITH_VALUE.has(argv[index] ?? '') ? 2 : 1;
  return index;
}
