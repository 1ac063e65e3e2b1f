// Pairs `devenv up` with `airflow standalone`: the same virtual environment, settings, Postgres and DAG files, in
// turns. `node bench/up.mjs --help` lists the options.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureStack } from './measureStack.mjs';
import { stackReport, writeStackReport } from './stackReport.mjs';

const HELP = `node bench/up.mjs [options]

  --runs N     starts of each kind (default 5)
  --line 3|2   only Airflow 3.3.2, or only 2.11.2
  --quick      1 start of each kind
  --json       every measurement as JSON on standard output
  --write      put the result into docs/benchmarks-up.md (both lines)

Build first: node build.mjs
`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    line: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  await run();
}

async function run() {
  const runs = Number(values.runs ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs must be a whole number, not ${values.runs}`);
  if (values.line !== undefined && !['3', '2'].includes(values.line))
    throw new Error('--line must be 3 or 2');
  if (values.write && values.line) throw new Error('--write needs both lines');
  const versions = { 3: ['3.3.2'], 2: ['2.11.2'] }[values.line] ?? ['3.3.2', '2.11.2'];
  const report = { date: new Date().toISOString().slice(0, 10), runs, lines: [] };
  for (const airflowVersion of versions) {
    report.lines.push(
      await measureStack(airflowVersion, { runs, say: (text) => process.stderr.write(`${text}\n`) }),
    );
  }
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : stackReport(report)}\n`);
  if (values.write)
    await writeStackReport(report, path.resolve(import.meta.dirname, '../docs/benchmarks-up.md'));
}
