// Pairs `devenv up` with `airflow standalone`: the same virtual environment, settings, Postgres and DAG files, in
// turns. `node bench/up.mjs --help` lists the options.
import path from 'node:path';
import { lineOptions, say } from './lineOptions.mjs';
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

const options = lineOptions(HELP, { normal: 5, quick: 1 });
if (options !== undefined) await run(options);

async function run({ runs, versions, json, write }) {
  const report = { runs, lines: [] };
  for (const airflowVersion of versions) report.lines.push(await measureStack(airflowVersion, { runs, say }));
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : stackReport(report)}\n`);
  if (write) await writeStackReport(report, path.resolve(import.meta.dirname, '../docs/benchmarks-up.md'));
}
