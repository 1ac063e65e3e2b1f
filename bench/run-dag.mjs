// Pairs `devenv run-dag` with `airflow dags test` and `python dag.py`: the same virtual environment, settings,
// database and DAG files, in turns. `node bench/run-dag.mjs --help` lists the options.
import path from 'node:path';
import { lineOptions, say } from './lineOptions.mjs';
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

const options = lineOptions(HELP, { normal: 7, quick: 3 });
if (options !== undefined) await run(options);

async function run({ runs, versions, quick, json, write }) {
  const report = { runs, cli: await measureCli(runs), lines: [] };
  for (const airflowVersion of versions) {
    report.lines.push(await measureLine(airflowVersion, { runs, quick, say }));
  }
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printReport(report);
  if (write) await writeReport(report, path.resolve(import.meta.dirname, '../docs/benchmarks.md'));
}
