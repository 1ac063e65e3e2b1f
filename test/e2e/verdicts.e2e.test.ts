import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dagFiles } from './support/dagFiles.ts';
import { queryDatabase } from './support/inspect.ts';
import {
  AIRFLOW_LINES,
  createProject,
  the,
  type AirflowLine,
  type RunOptions,
  type RunResult,
  type TestProject,
} from './support/project.ts';
import { all, logTexts, outcome, taskError, warnings } from './support/runs.ts';
import { openTerminal } from './support/terminal.ts';

const PROGRAM =
  process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');

// What a run says of itself where a part of it is left out, waits for something outside, or can't be done here.
describe.each(AIRFLOW_LINES)('Airflow %s, the verdict of a run', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: await filesFor(airflow) });
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

  describe('of a task above which one returned None and one was skipped', () => {
    test('it is refused until the DAG ran, and gets None for both from then on', async () => {
      const refused = await run('nothing', ['--task', '^join$']);
      expect([refused.code, the(refused, 'error').code]).toEqual([2, 'upstream_values_missing']);
      expect(outcome(await run('nothing')).exit).toBe(0);
      const joined = await run('nothing', ['--task', '^join$']);
      expect([outcome(joined).exit, printed(joined, 'join')]).toEqual([0, ['JOIN None 1 None']]);
      expect(warnings(joined)[0]?.text).toContain(' There is none of b, create_table, which returned None');
      // As often as wanted.
      expect(printed(await run('nothing', ['--task', '^join$']), 'join')).toEqual(['JOIN None 1 None']);
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

  describe('with the author’s own code beside the tasks', () => {
    test('an error in a callback is a callback’s, with its place', async () => {
      const result = await run('calls_back');
      expect(outcome(result)).toMatchObject({ exit: 1, tasks: { boom: 'failed' } });
      const text = logTexts(result, 'boom').find((each) => each.includes('task_failed failed: TypeError'));
      expect(text).toMatch(/callback task_failed failed: .*\n {2}.*\/dags\/calls_back\.py:14$/);
      expect(logTexts(result)).toEqual(expect.arrayContaining(['DAG CALLBACK PRINTS', 'DAG CALLBACK LOGS']));
    });

    test('breakpoint() without a terminal names its line and --debug', async () => {
      const error = taskError(await run('stops'), 'look');
      expect([error.line, error.message]).toEqual([12, expect.stringContaining('--debug')]);
      expect(error.traceback.join('\n')).not.toContain('airflow_devenv/breakpoints.py');
    });

    test('breakpoint() on a terminal is a prompt at the author’s line, and the task goes on from there', async () => {
      await using terminal = await openTerminal({
        columns: 120,
        rows: 40,
        cwd: project.root,
        env: project.env,
        folder: `breakpoint-${airflow}`,
      });
      await terminal.command(`'${process.execPath}' -- '${PROGRAM}' run-dag dags/stops.py`);
      const stopped = await terminal.waitFor('(Pdb)', 60_000);
      expect(stopped).toMatch(/stops\.py\(1[23]\)look\(\)/);
      await terminal.command('secret_number + 1');
      await terminal.waitFor(/^42$/m);
      await terminal.command('secret_number = 7');
      await terminal.command('c');
      await terminal.waitForShell(60_000);
      expect(await terminal.screen()).toMatch(/NUMBER 7[^]*DAG run success/);
    });

    test('a child interpreter’s output is shown', async () => {
      expect(logTexts(await run('child'), 'child').join('\n')).toContain('HELLO FROM THE OTHER PYTHON');
    });

    test('a DAG that no file defines is named to those that wait for it', async () => {
      const result = await run('waits_for_stranger', ['--mark-success', 'wait']);
      expect(warnings(result)).toContainEqual({
        code: 'external_dag_unknown',
        text: "wait waits for DAG 'nobody_home', which is defined in no DAG file of this project that names it.",
      });
    });
  });

  describe.each(airflow.startsWith('3') ? [airflow] : [])('with what %s has beyond DAGs and tasks', () => {
    test('a question is told, and its default is taken when the time is over', async () => {
      const result = await run('three/ask', ['--dag-id', 'ask_with_default']);
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { pick: 'success', chosen: 'success' },
      });
      expect(the(result, 'input_needed')).toMatchObject({ subject: 'Which?', options: ['blue', 'green'] });
      expect(printed(result, 'chosen')).toEqual(["CHOSEN ['green']"]);
    });

    test('a run that is stopped while it waits for an answer leaves nothing unfinished', async () => {
      const started = project.start(['run-dag', 'dags/three/ask.py', '--dag-id', 'ask_forever']);
      await started.waitFor((output) => output.includes('Answer in the UI'));
      started.kill('SIGINT');
      expect((await started.ended).code).toBe(130);
      const rows = await queryDatabase(
        project,
        airflow,
        "select task_id, state from task_instance where dag_id = 'ask_forever' and task_id = 'may_we'",
      );
      expect(JSON.stringify(rows)).toContain('failed');
    });

    test('deadlines are left out, and that is said', async () => {
      const result = await run('three/late');
      expect(outcome(result)).toEqual({ exit: 0, run: 'success', tasks: { slow: 'success' } });
      expect(warnings(result).map((each) => each.code)).toEqual([
        'deadline_not_watched',
        // Its callback is a function of the DAG file itself.
        'deadline_callback_in_dag_file',
      ]);
    });

    test('a task in another language fails in the author’s terms', async () => {
      expect(taskError(await run('three/polyglot'), 'in_go').message).toMatch(
        /^in_go is written in another language: workers of the queue 'go' run it/,
      );
      const marked = await run('three/polyglot', ['--mark-success', 'in_go']);
      expect(outcome(marked).exit).toBe(0);
      expect(warnings(marked).map((each) => each.code)).toContain('marked_without_value');
    });

    test('a task that was only marked successful gives a later --task nothing', async () => {
      const nothing = (await dagFiles('verdicts'))['dags/nothing.py']!;
      await project.write({ 'dags/marked.py': nothing.replace('"nothing"', '"marked"') });
      expect(outcome(await run('marked', ['--mark-success', 'create_table|a'])).exit).toBe(0);
      expect(the(await run('marked', ['--task', '^join$']), 'error').code).toBe('upstream_values_missing');
    });

    test('what a file says of an asset now is active', async () => {
      expect(outcome(await run('three/renamed')).exit).toBe(0);
      const files = await dagFiles('verdicts');
      const renamed = files['dags/three/renamed.py']!.replace('orders/v1', 'orders/v2');
      await project.write({ 'dags/three/renamed.py': renamed });
      expect(outcome(await run('three/renamed')).exit).toBe(0);
    });
  });
});

async function filesFor(airflow: AirflowLine): Promise<Record<string, string>> {
  const files = Object.entries(await dagFiles('verdicts'));
  return Object.fromEntries(files.filter(([name]) => airflow.startsWith('3') || !name.includes('three/')));
}

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
