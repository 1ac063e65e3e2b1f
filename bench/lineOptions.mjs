import { parseArgs } from 'node:util';

const VERSIONS = { 3: ['3.3.2'], 2: ['2.11.2'] };

/**
 * The command line that benchmarks of both Airflow lines share.
 *
 * @param help what `--help` prints; then nothing else is done.
 * @param defaultRuns how many measurements without `--runs`, and with `--quick`.
 * @param own options that only this one has.
 * @returns undefined after `--help`.
 */
export function lineOptions(help, defaultRuns, own = {}) {
  const { values } = parseArgs({
    options: {
      ...own,
      runs: { type: 'string' },
      line: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return undefined;
  }
  const runs = Number(values.runs ?? (values.quick ? defaultRuns.quick : defaultRuns.normal));
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs must be a whole number, not ${values.runs}`);
  if (values.line !== undefined && VERSIONS[values.line] === undefined)
    throw new Error('--line must be 3 or 2');
  if (values.write && (values.quick || values.line)) throw new Error('--write needs both lines, not quickly');
  const versions = VERSIONS[values.line] ?? Object.values(VERSIONS).flat().toReversed();
  return { ...values, runs, versions };
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}
