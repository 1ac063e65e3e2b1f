import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dagFiles } from './support/dagFiles.ts';
import { queryDatabase } from './support/inspect.ts';
import {
  AIRFLOW_LINES,
  createProject,
  the,
  type RunOptions,
  type RunResult,
  type TestProject,
} from './support/project.ts';
import { all, logTexts, outcome, returned, taskError, warnings } from './support/runs.ts';

describe.each(AIRFLOW_LINES)('awkward DAGs on Airflow %s', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({
      airflow,
      name: 'ein Projekt für 日本',
      files: await dagFiles('awkward'),
    });
    await project.runDag(['dags/json.py'], { timeout: 300_000 });
  });
  afterAll(() => project[Symbol.asyncDispose]());
  const isAirflow3 = airflow.startsWith('3');
  const run = (file: string, args: readonly string[] = [], options?: RunOptions): Promise<RunResult> =>
    project.runDag([`dags/${file}.py`, ...args], options);
  const query = (text: string): Promise<Record<string, unknown>[]> => queryDatabase(project, airflow, text);

  describe('mapped tasks', () => {
    test('zero items are skipped, and cost no second of waiting', async () => {
      const result = await run('zero_mapped');
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { nothing: 'success', double: 'skipped', total: 'skipped', always: 'success' },
      });
      // `airflow dags test` sleeps a second after each pass without a task, here twice.
      expect(the(result, 'run_finished').duration_ms).toBeLessThan(1900);
    });

    test('a group mapped over zero items is skipped as a whole', async () => {
      expect(outcome(await run('zero_mapped_group'))).toEqual({
        exit: 0,
        run: 'success',
        tasks: {
          'numbers': 'success',
          'work.double': 'skipped',
          'work.add_one': 'skipped',
          'after': 'success',
        },
      });
    });

    test('a mapped group hands each item’s values on', async () => {
      const result = await run('mapped_group');
      expect(Object.keys(outcome(result).tasks)).toEqual([
        'numbers',
        'total',
        ...[0, 1, 2].map((index) => `work.add_one[${index}]`),
        ...[0, 1, 2].map((index) => `work.double[${index}]`),
      ]);
      expect(returned(result)).toEqual({ total: '15' });
    });

    test('a failed instance: each trigger rule decides for itself', async () => {
      const result = await run('failed_mapped_instance');
      expect(outcome(result)).toEqual({
        exit: 1,
        run: 'failed',
        tasks: {
          'divide[0]': 'success',
          'divide[1]': 'failed',
          'divide[2]': 'success',
          'needs_all': 'upstream_failed',
          'all_done': 'success',
          'one_failed': 'success',
          'one_success': 'success',
        },
      });
      expect(taskError(result, 'divide')).toMatchObject({ type: 'ZeroDivisionError' });
      expect(returned(result)).toMatchObject({ all_done: '[5.0, 10.0]' });
    });

    test('retries of a mapped task are off, or immediate', async () => {
      const off = await run('mapped_retries', [], { timeout: 60_000 });
      expect(outcome(off).tasks).toEqual({ 'boom[0]': 'success', 'boom[1]': 'failed' });
      expect(warnings(off).map((each) => each.code)).toEqual(['retries_off']);
      const on = await run('mapped_retries', ['--retries', '1'], { timeout: 60_000 });
      expect(returned(on)).toEqual({ 'boom[0]': '1', 'boom[1]': '2' });
      expect(the(on, 'run_started').tasks).toMatchObject([{ task_id: 'boom', is_mapped: true }]);
    });

    test('dictionaries, keyword arguments and name templates', async () => {
      expect(returned(await run('expand_dict'))).toEqual({
        'show[0]': "'ann=3'",
        'show[1]': "'bob=4'",
        'several[0]': "'ax'",
        'several[1]': "'ay'",
        'by_keywords[0]': '3',
        'by_keywords[1]': '7',
      });
    });
  });

  test('setup and teardown: the teardown runs after a failure, the run fails', async () => {
    const result = await run('setup_and_teardown');
    expect(outcome(result)).toEqual({
      exit: 1,
      run: 'failed',
      tasks: { create: 'success', work: 'failed', more_work: 'upstream_failed', delete: 'success' },
    });
    expect(logTexts(result, 'delete')).toContain('cluster deleted');
  });

  describe('sensors', () => {
    test('one that reschedules pokes until it is true', async () => {
      const result = await run('rescheduling_sensor');
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { third_time: 'success', after: 'success' },
      });
      expect(logTexts(result, 'third_time').filter((text) => text.startsWith('poke'))).toEqual([
        'poke 1',
        'poke 2',
        'poke 3',
      ]);
      const states = all(result, 'task_finished').map((each) => each.state);
      expect(states).toEqual(['up_for_reschedule', 'up_for_reschedule', 'success', 'success']);
    });

    test('one that times out fails, with soft_fail it is skipped', async () => {
      expect(outcome(await run('sensor_times_out'))).toEqual({
        exit: 0,
        run: 'success',
        tasks: { never: 'failed', never_mind: 'skipped', after: 'success' },
      });
    });
  });

  describe('tasks that end the process', () => {
    test('sys.exit(3) fails the task at its line, the run goes on to its end', async () => {
      const result = await run('exits_with_3');
      expect(outcome(result)).toEqual({
        exit: 1,
        run: 'failed',
        tasks: { leave: 'failed', after: 'upstream_failed' },
      });
      const file = path.join(project.root, 'dags/exits_with_3.py');
      expect(taskError(result, 'leave')).toMatchObject({ file, line: 17 });
    });

    test('a killed instance of a mapped task is named, and only that one is failed', async () => {
      const result = await run('killed_mapped');
      expect(result.code).toBe(1);
      expect(the(result, 'exit').signal).toBe('SIGKILL');
      expect(outcome(result).tasks['maybe[1]']).toBe('failed');
      expect(Object.values(outcome(result).tasks).filter((state) => state === 'failed')).toHaveLength(1);
    });
  });

  test('a segmentation fault ends the run at once, and is named', async () => {
    const result = await run('segfaults', [], { timeout: 30_000 });
    expect(result.code).toBe(1);
    expect(the(result, 'exit').signal).toBe('SIGSEGV');
    expect(the(result, 'error').what).toContain('was killed by SIGSEGV in task crash');
    expect(outcome(result).tasks).toEqual({ crash: 'failed' });
  });

  test('10 000 log lines, printed and logged, all arrive, in order, and are in the log file', async () => {
    const result = await run('many_lines');
    expect(result.code).toBe(0);
    const expected = Array.from({ length: 10_000 }, (_, number) => `line ${number}`);
    expect(logTexts(result, 'talk').filter((text) => text.startsWith('line '))).toEqual(expected);
    const shown = await project.devenv(['run-dag', 'dags/many_lines.py']);
    expect(
      (shown.stdout + shown.stderr).split('\n').filter((line) => /^talk \| line \d+$/.test(line)),
    ).toHaveLength(10_000);
  });

  test('a file named json.py hides nothing', async () => {
    expect(returned(await run('json'))).toEqual({ encode: `'{"is": "the real one"}'` });
  });

  describe('unicode', () => {
    test('in the project’s folder, file name, DAG id, task ids, params, logs, values and errors', async () => {
      const result = await run('größe 日本');
      expect(outcome(result)).toEqual({
        exit: 1,
        run: 'failed',
        tasks: { zähle_寿司: 'success', scheitert: 'failed' },
      });
      expect(the(result, 'run_started').dag_id).toBe('größe_日本');
      expect(logTexts(result, 'zähle_寿司')).toEqual(
        expect.arrayContaining(['gedruckt: łódź 🚀 \u202ertl', 'geloggt: Ä']),
      );
      expect(taskError(result, 'scheitert').message).toBe('kaputt: ß 漢字 🔥');
    });

    test('in --conf, and by DAG id', async () => {
      const result = await project.runDag(['größe_日本', '--conf', '{"straße": "Ünter"}']);
      expect(logTexts(result, 'zähle_寿司')).toContain('geloggt: Ünter');
    });

    test('also where the shell has no UTF-8 locale', async () => {
      const env = { LC_ALL: 'C', LANG: 'C', PYTHONIOENCODING: undefined };
      const result = await run('größe 日本', ['--no-runner'], { env });
      expect(logTexts(result, 'zähle_寿司')).toContain('gedruckt: łódź 🚀 \u202ertl');
    });
  });

  test('branches into a group and past a task', async () => {
    const result = await run('branches');
    expect(outcome(result)).toEqual({
      exit: 0,
      run: 'success',
      tasks: {
        'choose': 'success',
        'left': 'success',
        'right': 'skipped',
        'group.inside': 'success',
        'group.outside': 'skipped',
        'join': 'success',
      },
    });
  });

  test('short circuits, with and without the trigger rules downstream', async () => {
    expect(outcome(await run('short_circuits'))).toEqual({
      exit: 0,
      run: 'success',
      tasks: {
        stop: 'success',
        stop_softly: 'success',
        first: 'skipped',
        second: 'skipped',
        third: 'skipped',
        fourth: 'success',
      },
    });
  });

  test('groups in groups', async () => {
    expect(Object.keys(outcome(await run('nested_groups')).tasks)).toEqual(['outer.inner.two', 'outer.one']);
  });

  test('values of megabytes through XCom, and lines of a megabyte', async () => {
    const result = await run('large_value');
    expect(result.code).toBe(0);
    expect(returned(result)).toMatchObject({ consume: '5000000' });
    const printed = all(result, 'log').filter(
      (each) => each.task_id === 'prints_a_long_line' && each.text.startsWith('y'),
    );
    expect(printed.reduce((sum, each) => sum + each.text.length, 0)).toBe(1_000_000);
    // The record that tells the value is one record, cut, and not output of the task.
    const produced = all(result, 'log').filter((each) => each.task_id === 'produce');
    expect(produced.filter((each) => each.level === 'output')).toEqual([]);
    expect(Math.max(...produced.map((each) => each.text.length))).toBeLessThan(70_000);
  });

  describe('assets', () => {
    test('an event is stored, and a DAG that is scheduled by it can look at it', async () => {
      const produced = await run('asset_producer', ['--dag-id', 'asset_producer']);
      expect(produced.code).toBe(0);
      const word = isAirflow3 ? 'asset' : 'dataset';
      const stored = `select source_task_id from ${word}_event join ${word} on ${word}.id = ${word}_id
          where uri = 'file:///awkward/orders'`;
      expect(await query(stored)).toEqual([{ source_task_id: 'produce' }]);
      const consumed = await run('asset_producer', ['--dag-id', 'asset_consumer']);
      expect(returned(consumed)).toEqual({ consume: '1' });
    });
  });

  test('a mapped TriggerDagRunOperator, its target in another file that the database has not seen', async () => {
    const result = await run('triggers_mapped');
    expect(outcome(result)).toMatchObject({ exit: 0, run: 'success' });
    expect(warnings(result).map((each) => each.code)).toEqual(['triggered_run_queued']);
    expect(
      await query(
        `select count(*)::int as runs from dag_run where dag_id = 'expand_dict' and state = 'queued'`,
      ),
    ).toEqual([{ runs: 2 }]);
  });

  test('ten DAGs of one file that nobody has run, all at once', async () => {
    const ids = Array.from({ length: 10 }, (_, number) => `ten_dags_${number}`);
    const results = await Promise.all(ids.map((id) => run('ten_dags', ['--dag-id', id])));
    expect(results.map((result) => [result.code, returned(result)['tell']])).toEqual(
      ids.map((_, number) => [0, String(number)]),
    );
  });
});
