// Pairs `devenv run-dag` with `airflow dags test` and `python dag.py`: the same virtual environment, settings,
// database and DAG files, in turns. `node bench/run-dag.mjs --help` lists the options.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureCli } from './measureCli.mjs';
import { measureLine } from './measureLine.mjs';
import { printReport, writeReport } from './report.mjs';

const HELP = `node bench/run-dag.mjs [options]

  --runs N     measurements of each kind (default 7; of the longest ones 3 at most)
  --line 3|2   only Airflow 3.3.2, or only 2.11.2
  --quick      3 measurements, and only the 1-task and the 20-task DAG
  --json       every measurement as JSON on standard output
  --write      put the result into docs/benchmarks.md (all lines, all DAGs)

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
  const runs = Number(values.runs ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs must be a whole number, not ${values.runs}`);
  if (values.line !== undefined && !['3', '2'].includes(values.line))
    throw new Error('--line must be 3 or 2');
  if (values.write && (values.quick || values.line)) throw new Error('--write needs all lines and all DAGs');
  const lines = { 3: ['3.3.2'], 2: ['2.11.2'] }[values.line] ?? ['3.3.2', '2.11.2'];
  const report = {
    date: new Date().toISOString().slice(0, 10),
    runs,
    cli: await measureCli(runs),
    lines: [],
  };
  for (const airflowVersion of lines) {
    report.lines.push(await measureLine(airflowVersion, { runs, quick: values.quick, say }));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printReport(report);
  if (values.write) await writeReport(report, path.resolve(import.meta.dirname, '../docs/benchmarks.md'));
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
