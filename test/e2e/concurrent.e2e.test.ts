import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER, oneTaskDag } from './support/dags.ts';
import { dagRunStates } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, the, type TestProject } from './support/project.ts';

const NUMBERS = Array.from({ length: 10 }, (_, index) => index);

const FILES = {
  'dags/same.py': `${DAG_HEADER}
@dag(schedule=None, start_date=START)
def same():
    @task
    def items(**context):
        return [context["dag_run"].conf["number"]] * 3
    @task
    def double(item):
        return 2 * item
    @task
    def total(doubled, **context):
        return [context["dag_run"].conf["number"], sum(doubled)]
    total(double.expand(item=items()))
same()
`,
  ...Object.fromEntries(
    NUMBERS.map((each) => [
      `dags/different_${each}.py`,
      oneTaskDag(`different_${each}`, `time.sleep(0.2)\nreturn "value of ${each}"`),
    ]),
  ),
  'dags/waiting.py': oneTaskDag(
    'waiting',
    `
print("waiting", flush=True)
while not Path("go").exists():
    time.sleep(0.02)
return "went on"`,
  ),
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  // Twice: nothing runs yet, and all is warm.
  test.each(['cold', 'warm'])(
    'twenty at once are all correct, and none waits for one that sleeps: %s',
    async () => {
      const waiting = project.start(['run-dag', '--json', 'dags/waiting.py']);
      await waiting.waitFor((output) => output.includes('waiting"'), 120_000);
      const same = NUMBERS.map((each) =>
        project.runDag(['dags/same.py', '--conf', JSON.stringify({ number: each })]),
      );
      const different = NUMBERS.map((each) => project.runDag([`dags/different_${each}.py`]));
      for (const [each, run] of same.entries()) {
        const result = await run;
        expect([result.code, result.stdout]).toEqual([0, expect.any(String)]);
        expect(the(result, 'return_value').value).toBe(`[${each}, ${6 * each}]`);
      }
      for (const [each, run] of different.entries()) {
        const result = await run;
        expect([result.code, result.stdout]).toEqual([0, expect.any(String)]);
        expect(the(result, 'return_value').value).toBe(`'value of ${each}'`);
      }
      await project.write({ go: '' });
      const last = await waiting.ended;
      expect([last.code, last.stdout]).toEqual([0, expect.stringContaining('went on')]);
      await rm(path.join(project.root, 'go'));
    },
  );

  test('every run is recorded as a success', async () => {
    const states = await dagRunStates(project, airflow);
    expect(states).toHaveLength(42);
    expect(states.filter((each) => !each.endsWith(' success'))).toEqual([]);
  });
});
