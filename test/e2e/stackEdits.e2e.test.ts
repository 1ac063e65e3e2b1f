import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { queryDatabase, until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, type AirflowLine, type TestProject } from './support/project.ts';
import { apiOf, service, stackOf, triggerToEnd, up } from './support/stack.ts';

const dagFile = (id: string, description: string, extra = ''): string => `
import datetime
from airflow.decorators import dag, task
${extra}

@dag(dag_id="${id}", description=${description}, schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def flow():
    @task
    def one():
        return 1

    one()

flow()
`;

const pluginFile = (value: string): string => `
from airflow.plugins_manager import AirflowPlugin

class Marks(AirflowPlugin):
    name = "marks"
    macros = [lambda: "${value}"]
    value = "${value}"
`;

/** DAG id -> its description, of DAGs that Airflow shows. */
async function shown(project: TestProject, airflow: AirflowLine): Promise<Record<string, unknown>> {
  const condition = airflow.startsWith('2.') ? 'is_active' : 'not is_stale';
  const rows = await queryDatabase(
    project,
    airflow,
    `select dag_id, description from dag where ${condition} order by dag_id`,
  );
  return Object.fromEntries(rows.map((row) => [String(row['dag_id']), row['description']]));
}

describe.each(AIRFLOW_LINES)('what an author saves while the stack of Airflow %s runs', (airflow) => {
  test('is seen: a DAG, a helper, a new file, a deleted file, a mistake and its repair, a plugin', async () => {
    await using project = await createProject({
      airflow,
      files: {
        'dags/plain.py': dagFile('plain', '"first"'),
        'dags/helped.py': dagFile('helped', 'helper.TEXT', 'from tools import helper'),
        'shared/tools/__init__.py': '',
        'shared/tools/helper.py': 'TEXT = "first help"\n',
        'plugins/marks.py': pluginFile('one'),
      },
    });
    const first = await up(project);
    const sees = async (wanted: Record<string, unknown>): Promise<void> => {
      await until(
        async () => JSON.stringify(await shown(project, airflow)) === JSON.stringify(wanted),
        () => shown(project, airflow),
        60_000,
      );
    };
    await sees({ helped: 'first help', plain: 'first' });

    await project.write({ 'dags/plain.py': dagFile('plain', '"second"') });
    await sees({ helped: 'first help', plain: 'second' });

    await project.write({ 'shared/tools/helper.py': 'TEXT = "second help"\n' });
    await sees({ helped: 'second help', plain: 'second' });

    await project.write({ 'dags/later.py': dagFile('later', '"new"') });
    await sees({ helped: 'second help', later: 'new', plain: 'second' });

    await rm(path.join(project.root, 'dags/later.py'));
    await sees({ helped: 'second help', plain: 'second' });

    const api = await apiOf(project, airflow);
    await project.write({ 'dags/plain.py': `${dagFile('plain', '"third"')}\nimport no_such_module\n` });
    await until(
      async () => (await api.importErrors()).some((each) => each.text.includes('no_such_module')),
      () => api.importErrors(),
    );
    const reload = await project.devenv(['reload-dags', '--plain']);
    expect(reload.code).toBe(1);
    expect(`${reload.stdout}${reload.stderr}`).toMatch(/dags\/plain\.py:\d+/);
    await project.write({ 'dags/plain.py': dagFile('plain', '"fourth"') });
    await sees({ helped: 'second help', plain: 'fourth' });
    await until(
      async () => (await api.importErrors()).length === 0,
      () => api.importErrors(),
    );
    expect((await project.devenv(['reload-dags', 'dags/plain.py'])).code).toBe(0);

    await project.write({ 'plugins/marks.py': pluginFile('two') });
    await until(
      async () => {
        const stack = await stackOf(project);
        return (
          stack.status === 'ready' &&
          service(stack, 'scheduler').pid !== service(first, 'scheduler').pid &&
          service(stack, 'api-server').pid !== service(first, 'api-server').pid
        );
      },
      () => stackOf(project),
      90_000,
    );
    expect((await triggerToEnd(await apiOf(project, airflow), 'helped')).state).toBe('success');
  });

  test('run-dag beside an unpaused scheduler shows in the UI with its logs and is left alone', async () => {
    await using project = await createProject({
      airflow,
      files: {
        'dags/plain.py': dagFile('plain', '"first"').replace(
          'return 1',
          'import time; time.sleep(4); print("said by the task"); return 1',
        ),
      },
    });
    await up(project);
    const api = await apiOf(project, airflow);
    await until(
      async () => (await api.dags()).length === 1,
      () => api.importErrors(),
    );
    await api.setPaused('plain', false);
    const result = await project.runDag(['dags/plain.py']);
    expect(result.code, result.stderr).toBe(0);
    const [run, ...others] = await api.dagRuns('plain', 10);
    expect(others).toEqual([]);
    expect(run?.state).toBe('success');
    const [task] = await api.taskInstances(run!);
    expect(task).toMatchObject({ state: 'success', tryNumber: 1 });
    expect((await api.taskLog(task!)).join('\n')).toContain('said by the task');
  });
});
