import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAG_HEADER } from './support/dags.ts';
import { AIRFLOW_LINES, createProject, the } from './support/project.ts';

const FILES = {
  'dags/logging.py': `${DAG_HEADER}
with DAG("logging", schedule=None, start_date=START):
    @task(retries=1)
    def tries(**context):
        print("try", context["ti"].try_number)
        if context["ti"].try_number == 1:
            raise ValueError("not yet")
        return [1, 2]
    @task
    def mapped(item):
        print("item", item)
    mapped.expand(item=tries())
`,
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  test('the log of each try and mapped instance lies where the UI looks for it', async () => {
    await using project = await createProject({ airflow, files: FILES });
    const run = await project.runDag(['dags/logging.py', '--retries', '1']);
    expect([run.code, run.stdout]).toEqual([0, expect.any(String)]);
    const runId = the(run, 'run_started').run_id;
    const folder = path.join(project.root, '.devenv/airflow/logs/dag_id=logging', `run_id=${runId}`);
    const log = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
    expect(await log('task_id=tries/attempt=1.log')).toMatch(/try 1[^]*not yet/);
    expect(await log('task_id=tries/attempt=2.log')).toContain('try 2');
    expect(await log('task_id=tries/attempt=2.log')).not.toContain('try 1');
    expect(await log('task_id=mapped/map_index=0/attempt=1.log')).toContain('item 1');
    expect(await log('task_id=mapped/map_index=1/attempt=1.log')).toContain('item 2');
  });
});
