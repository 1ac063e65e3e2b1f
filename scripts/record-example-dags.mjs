// Records how `airflow dags test` ends each of Airflow's own example DAGs: one real command a DAG, against a fresh
// SQLite database. Usage: node scripts/record-example-dags.mjs 3.3.2|2.11.2 [--missing] [DAG_ID...]
// Named DAGs are recorded anew into the fixture that there is; `--missing` stands for those not in it. All of them
// take about ten minutes for a line on an idle machine. Node >= 22.18, which reads TypeScript.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LEFT_OUT } from '../test/e2e/exampleDags.ts';
import { airflowPeer } from '../test/e2e/support/airflowPeer.ts';
import { exampleFiles } from '../test/e2e/support/exampleFiles.ts';
import { setup } from '../test/support/airflowEnvironments.ts';

const [line, ...only] = process.argv.slice(2);
if (!(line in LEFT_OUT)) throw new Error('Usage: record-example-dags.mjs 3.3.2|2.11.2 [DAG_ID...]');
const fixture = path.join(import.meta.dirname, `../test/fixtures/example-dags-${line}.json`);

await setup();
const environment = process.env[`DEVENV_TEST_AIRFLOW_${line[0]}`];
const home = await mkdtemp(path.join(tmpdir(), 'devenv-record-'));
for (const [name, content] of Object.entries(await exampleFiles(environment, line))) {
  const file = path.join(home, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
const peer = airflowPeer(environment, home, home);
await peer.prepare();
const found = await peer.listDags();
const answers = JSON.parse(await readFile(fixture, 'utf8').catch(() => '{}'));
for (const [dagId, file] of Object.entries(found)) {
  if (dagId in LEFT_OUT[line]) continue;
  const isAsked = only.includes(dagId) || (only.includes('--missing') && !(dagId in answers));
  if (only.length > 0 && !isAsked) continue;
  const began = Date.now();
  answers[dagId] = await peer.dagsTest(dagId, file);
  process.stdout.write(`${dagId}: ${JSON.stringify(answers[dagId])} ${Date.now() - began} ms\n`);
  const sorted = Object.fromEntries(Object.entries(answers).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(fixture, `${JSON.stringify(sorted, null, 2)}\n`);
}
await rm(home, { recursive: true, force: true });
