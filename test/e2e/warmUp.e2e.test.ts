import { describe, expect, test } from 'vitest';
import { queryDatabase } from './support/inspect.ts';
import { AIRFLOW_LINES, type AirflowLine, createProject, type TestProject, the } from './support/project.ts';

const DAG = `
import datetime
from airflow.decorators import dag, task

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def warms():
    @task
    def one():
        return 1

    one()

warms()
`;

describe.each(AIRFLOW_LINES)('the warm runner of Airflow %s', (airflow) => {
  test.each(['postgres', 'sqlite'] as const)(
    'takes over from the preloaded process, warmed up, on %s, and leaves nothing of it in the database',
    async (database) => {
      await using project = await createProject({ airflow, database, files: { 'dags/warms.py': DAG } });
      const states: boolean[] = [];
      const deadline = performance.now() + 60_000;
      while (states.at(-1) !== true && performance.now() < deadline) {
        const result = await project.runDag(['dags/warms.py']);
        expect(result.code).toBe(0);
        states.push(the(result, 'started').warm);
      }
      expect(states.at(-1), `warm in ${states.length} runs: ${states.join(' ')}`).toBe(true);
      if (database === 'postgres') await takeNumbersFromOneOn(project, airflow);
      for (let count = 0; count < 3; count += 1)
        expect(await project.devenv(['run-dag', 'dags/warms.py'])).toMatchObject({ code: 0, stderr: '' });
      const unknown = await project.runDag(['devenv_warm_up']);
      expect(the(unknown, 'error').code).toBe('dag_unknown');
    },
  );
});

/** The next DAG runs have the numbers that those of the warm-up had, which was in another database. */
async function takeNumbersFromOneOn(project: TestProject, airflow: AirflowLine): Promise<void> {
  await queryDatabase(project, airflow, 'delete from xcom');
  await queryDatabase(project, airflow, 'update dag_run set id = id + 1000');
  await queryDatabase(project, airflow, 'alter sequence dag_run_id_seq restart with 1');
}
