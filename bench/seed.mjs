// Pairs `devenv seed` with `airflow variables import`, `connections import` and `pools import`: the same values, the
// same virtual environment and database, in turns. `node bench/seed.mjs --help` lists the options.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { benchProject } from './benchProject.mjs';
import { lineOptions, say } from './lineOptions.mjs';
import { seedReport, writeSeedReport } from './seedReport.mjs';
import { inTurns, median } from './timing.mjs';

const HELP = `node bench/seed.mjs [options]

  --runs N     measurements of each kind (default 3)
  --line 3|2   only Airflow 3.3.2, or only 2.11.2
  --quick      1 measurement of each kind
  --sizes A,B  numbers of variables; a tenth as many connections and pools (default 10,100,1000)
  --json       every measurement as JSON on standard output
  --write      put the result into docs/benchmarks-seed.md (both lines)

Build first: node build.mjs
`;

const options = lineOptions(
  HELP,
  { normal: 3, quick: 1 },
  { sizes: { type: 'string', default: '10,100,1000' } },
);
if (options !== undefined) await run(options);

async function run({ runs, versions, sizes, json, write }) {
  const report = [];
  for (const airflowVersion of versions) {
    const project = await benchProject(airflowVersion);
    try {
      for (const size of sizes.split(',').map(Number)) {
        say(`${airflowVersion}: ${size} variables`);
        report.push({ airflowVersion, size, ...(await measureSize(project, size, runs)) });
      }
    } finally {
      await project.end();
    }
  }
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : seedReport(report, runs));
  if (write) await writeSeedReport(report, runs);
}

/** Milliseconds of each way. */
async function measureSize(project, size, count) {
  await writeItems(project.root, size);
  const airflow = async (...words) => project.devenv('airflow', ...words);
  const seed = async () => (await project.devenv('seed', '--json')).milliseconds;
  const runs = await inTurns(count, {
    imports: async () => {
      await empty(project);
      const begun = performance.now();
      await airflow('variables', 'import', 'variables.json');
      await airflow('connections', 'import', '--overwrite', 'connections.json');
      await airflow('pools', 'import', 'pools.json');
      return performance.now() - begun;
    },
    warm: async () => {
      await project.devenv('run-dag', 'dags/one.py');
      await empty(project);
      return seed();
    },
    unchanged: seed,
    withoutRunner: async () => {
      await project.down();
      await project.startDatabase();
      await empty(project);
      return seed();
    },
    unchangedWithoutRunner: seed,
  });
  return Object.fromEntries(Object.entries(runs).map(([name, times]) => [name, Math.round(median(times))]));
}

async function empty(project) {
  await project.devenv(
    'psql',
    '-c',
    "delete from variable; delete from connection; delete from slot_pool where pool <> 'default_pool'",
  );
}

async function writeItems(root, size) {
  const make = (count, item) => Object.fromEntries(Array.from({ length: count }, (_, index) => item(index)));
  const tenth = Math.max(1, size / 10);
  const variables = make(size, (index) => [
    `variable_${index}`,
    index % 3 === 0 ? { batch: index, names: ['a', 'b'] } : `value ${index}`,
  ]);
  const connections = make(tenth, (index) => [
    `connection_${index}`,
    {
      conn_type: 'postgres',
      host: `db${index}.example.org`,
      login: 'etl',
      password: `password-${index}`,
      port: 5432,
      schema: 'x',
      extra: '{"sslmode": "require"}',
    },
  ]);
  const pools = make(tenth, (index) => [
    `pool_${index}`,
    { slots: index, description: '', include_deferred: false },
  ]);
  const files = { variables, connections, pools };
  for (const [name, items] of Object.entries(files)) {
    await writeFile(path.join(root, `${name}.json`), JSON.stringify(items));
  }
  const file = path.join(root, 'devenv.yaml');
  const [first] = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, `${first}\nseed: [variables.json, connections.json, pools.json]\n`);
}
