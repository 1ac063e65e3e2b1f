import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dagFiles } from './support/dagFiles.ts';
import {
  AIRFLOW_LINES,
  createProject,
  the,
  type RunOptions,
  type RunResult,
  type TestProject,
} from './support/project.ts';
import { all, outcome, warnings } from './support/runs.ts';

// What a run says of itself where a part of it is left out, waits for something outside, or can't be done here.
describe.each(AIRFLOW_LINES)('Airflow %s, the verdict of a run', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: await dagFiles('verdicts') });
    // The first run waits for the database; the others find everything warm.
    await project.runDag(['dags/double.py', '--task', 'numbers'], { timeout: 300_000 });
  });
  afterAll(() => project[Symbol.asyncDispose]());
  const run = (file: string, args: readonly string[] = [], options?: RunOptions): Promise<RunResult> =>
    project.runDag([`dags/${file}.py`, ...args], options);

  describe('of some tasks only', () => {
    test('what they need of others comes from the last run that has it, and that is said', async () => {
      const twice = await run('double', ['--task', 'twice']);
      expect(outcome(twice)).toEqual({ exit: 0, run: 'success', tasks: mapped('twice', 3) });
      expect(printed(twice, 'twice').sort()).toEqual(['TWICE 2', 'TWICE 4', 'TWICE 6']);
      expect(warnings(twice)).toEqual([
        {
          code: 'values_of_earlier_run',
          text: expect.stringMatching(/^numbers did not run: .* comes from the DAG run manual__/),
        },
      ]);
      const total = await run('double', ['--task', 'total']);
      expect([outcome(total).tasks, printed(total, 'total')]).toEqual([{ total: 'success' }, ['TOTAL 12']]);
    });

    test('one error names what no run has, and what to write', async () => {
      const { code, stderr } = await project.devenv(['run-dag', 'dags/groups.py', '--task', 'uses']);
      expect(code).toBe(2);
      expect(stderr).toContain("--task 'uses' leaves out add, parts, whose values are needed.");
      expect(stderr).toContain("→ devenv run-dag dags/groups.py --task 'uses|add|numbers|parts'");
    });

    test('in mapped task groups, and by xcom_pull, too', async () => {
      expect(outcome(await run('groups')).exit).toBe(0);
      const outer = await run('groups', ['--task', 'outer']);
      expect(printed(outer, 'group.outer').sort()).toEqual(['OUTER 3', 'OUTER 7']);
      const uses = await run('groups', ['--task', 'uses']);
      expect(printed(uses, 'uses')).toEqual(['USES 5 [3, 7]']);
      const pulls = await run('groups', ['--task', 'pulls']);
      expect(printed(pulls, 'pulls')[0]).toMatch(/^PULLED \[\{/);
    });
  });

  describe('with tasks that are marked successful', () => {
    test('a mapped one over another stays one instance, and what follows runs', async () => {
      const result = await run('fan', ['--mark-success', 'fetch_ids|load']);
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { fetch_ids: 'success', load: 'success', report: 'success' },
      });
      expect(printed(result, 'report')).toEqual(['REPORT RAN']);
    });

    test('what is above a marked one fails for real', async () => {
      expect(outcome(await run('fan', ['--mark-success', 'load']))).toMatchObject({
        exit: 1,
        tasks: { fetch_ids: 'failed', load: 'upstream_failed' },
      });
    });

    test('nothing begins when a task is mapped over one without a value', async () => {
      const result = await run('fan', ['--mark-success', 'fetch_ids']);
      expect([result.code, the(result, 'error').what]).toEqual([
        2,
        "load is mapped over fetch_ids, which --mark-success 'fetch_ids' leaves without a value.",
      ]);
    });

    test('values of an earlier run are there for those that need them', async () => {
      expect(outcome(await run('double')).exit).toBe(0);
      const result = await run('double', ['--mark-success', 'numbers|twice']);
      expect(printed(result, 'total')).toEqual(['TOTAL 12']);
    });
  });
});

/** What the author's own code prints, without the lines of Airflow around it. */
function printed(result: RunResult, taskId: string): string[] {
  return all(result, 'log')
    .filter((each) => each.level === 'output' && each.task_id === taskId)
    .map((each) => each.text);
}

/** All instances of a mapped task, successful. */
function mapped(taskId: string, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${taskId}[${index}]`, 'success']));
}
