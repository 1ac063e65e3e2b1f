import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withConnection } from '../src/database/sql.ts';
import { median } from './timing.mjs';
import { until } from './until.mjs';

const TIMES = 3;

/** A plugin that is there from the start: a folder of plugins that comes later is not one of the project's. */
export async function preparePlugin(root) {
  await writePlugin(root, 'first');
}

/**
 * Seconds from a save until a person sees it: in the database, which the UI shows, or in what the API tells of
 * plugins. Medians.
 */
export async function measureEdits(project, { url, accessKey, airflowVersion }) {
  const seconds = { created: [], helper: [], deleted: [], plugin: [] };
  for (let count = 0; count < TIMES; count += 1) {
    const word = `bench ${Math.random().toString(36).slice(2)}`;
    await writeHelper(project.root, `${word} first`);
    seconds.created.push(await timed(project, () => writeDag(project.root), described(`${word} first`)));
    seconds.helper.push(await timed(project, () => writeHelper(project.root, word), described(word)));
    seconds.deleted.push(
      await timed(project, () => rm(path.join(project.root, DAG_FILE)), gone(airflowVersion)),
    );
  }
  const plugins = `${url}/api/${airflowVersion.startsWith('2.') ? 'v1' : 'v2'}/plugins`;
  for (let count = 0; count < TIMES; count += 1) {
    // Of another length each time: Python takes a file of the same size and second for the one that it has compiled.
    const name = `bench_${'x'.repeat(count + 1)}`;
    const begun = performance.now();
    await writePlugin(project.root, name);
    await until(async () => (await textOf(plugins, accessKey)).includes(`"${name}"`));
    seconds.plugin.push((performance.now() - begun) / 1000);
  }
  return Object.fromEntries(Object.entries(seconds).map(([what, each]) => [what, median(each)]));
}

const DAG_FILE = 'dags/with_helper.py';

async function timed(project, change, isThere) {
  const begun = performance.now();
  await change();
  await until(async () => {
    const rows = await withConnection(project.socketDirectory, project.databaseName, (query) =>
      query(`select 1 from dag where dag_id = 'with_helper' and ${isThere}`),
    );
    return rows.length > 0;
  });
  return (performance.now() - begun) / 1000;
}

const described = (text) => `description = '${text}'`;
const gone = (airflowVersion) => (airflowVersion.startsWith('2.') ? 'not is_active' : 'is_stale');

async function writeHelper(root, text) {
  await writeFile(path.join(root, 'dags/helper_of_bench.py'), `DESCRIPTION = "${text}"\n`);
}

async function writeDag(root) {
  await writeFile(
    path.join(root, DAG_FILE),
    `import datetime
from airflow.decorators import dag, task
from helper_of_bench import DESCRIPTION

@dag(description=DESCRIPTION, schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def with_helper():
    @task
    def work():
        return 1

    work()

with_helper()
`,
  );
}

async function writePlugin(root, name) {
  await mkdir(path.join(root, 'plugins'), { recursive: true });
  await writeFile(
    path.join(root, 'plugins/bench_plugin.py'),
    `from airflow.plugins_manager import AirflowPlugin

class BenchPlugin(AirflowPlugin):
    name = "${name}"
`,
  );
}

/** Nothing while the API server is restarted. */
async function textOf(url, accessKey) {
  try {
    return await (await fetch(url, { headers: { authorization: `Bearer ${accessKey}` } })).text();
  } catch {
    return '';
  }
}
