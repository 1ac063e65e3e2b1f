import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dagFiles, filesWith } from './support/dagFiles.ts';
import { processesWith, queryDatabase, runnerProcesses, until } from './support/inspect.ts';
import {
  AIRFLOW_LINES,
  createProject,
  finalStates,
  the,
  type AirflowLine,
  type RunOptions,
  type RunResult,
  type TestProject,
} from './support/project.ts';
import { logTexts, message, outcome, returned, taskError, warnings } from './support/runs.ts';

// One test for each row of the traps that were measured with `dag.test()` and `airflow dags test`; the names quote
// the row. Where Airflow's own answer is sane, ours is equal to it.
describe.each(AIRFLOW_LINES)('Airflow %s, where dag.test() surprises', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: await filesFor(airflow) });
    // The first run waits for the database; the others find everything warm.
    await project.runDag(['dags/daily.py'], { timeout: 300_000 });
  });
  afterAll(() => project[Symbol.asyncDispose]());
  const isAirflow3 = airflow.startsWith('3');
  const run = (file: string, args: readonly string[] = [], options?: RunOptions): Promise<RunResult> =>
    project.runDag([`dags/${file}.py`, ...args], options);
  const place = (file: string): string => path.join(project.root, 'dags', `${file}.py`);

  describe('exit code', () => {
    test('0 from `python FILE` with a failed run: the DAG run’s state decides', async () => {
      const result = await run('main_block_fails');
      expect(outcome(result)).toEqual({ exit: 1, run: 'failed', tasks: { boom: 'failed' } });
    });

    test('0 when a task calls `os._exit(0)`: an unfinished run is a failure', async () => {
      const result = await run('leaves_the_process');
      expect(outcome(result)).toEqual({
        exit: 1,
        run: 'failed',
        tasks: { before: 'success', leave: 'failed', after: 'none' },
      });
      expect(the(result, 'error').what).toBe("The run's process ended itself with code 0 in task leave.");
    });

    test('0 with a failed task behind an `all_done` leaf: pointed out, the verdict stays the run’s', async () => {
      const result = await run('failed_behind_all_done');
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { boom: 'failed', clean_up: 'success' },
      });
      expect(message(result)).toBe('boom failed, but the DAG run is a success by its leaf tasks');
    });

    test('0 with a failing teardown: pointed out, the verdict stays the run’s', async () => {
      const result = await run('failing_teardown');
      expect(outcome(result)).toMatchObject({ exit: 0, run: 'success', tasks: { remove: 'failed' } });
      expect(message(result)).toBe('remove failed, but the DAG run is a success by its leaf tasks');
    });
  });

  describe('nothing runs, success, exit 0: same state, and a loud line', () => {
    test.each(['ended_long_ago', 'starts_in_the_future', 'without_tasks'])('%s', async (file) => {
      const result = await run(file);
      expect(outcome(result)).toEqual({ exit: 0, run: 'success', tasks: {} });
      expect(message(result)).toMatch(/^no task ran: the DAG has no tasks, or its start_date and end_date/);
      const { stdout, stderr } = await project.devenv(['run-dag', `dags/${file}.py`]);
      expect(stdout + stderr).toContain('warning: no task ran');
    });

    test('logical date before the start date', async () => {
      const result = await run('daily', ['--logical-date', '2020-01-01']);
      expect(outcome(result)).toEqual({ exit: 0, run: 'success', tasks: {} });
      expect(message(result)).toMatch(/^no task ran/);
    });

    // Airflow 3 has no days_ago.
    test.each(isAirflow3 ? [] : ['`days_ago(1)`'])(
      '%s: only a logical date before it runs nothing',
      async () => {
        expect(outcome(await run('started_yesterday'))).toMatchObject({ exit: 0, tasks: { one: 'success' } });
        const before = await run('started_yesterday', ['--logical-date', '2024-01-01']);
        expect(outcome(before)).toEqual({ exit: 0, run: 'success', tasks: {} });
      },
    );
  });

  test('task killed by SIGKILL: non-zero, names the task and the signal, run marked failed', async () => {
    const result = await run('killed');
    expect(outcome(result)).toEqual({
      exit: 1,
      run: 'failed',
      tasks: { kill_myself: 'failed', after: 'none' },
    });
    expect(the(result, 'error').what).toBe("The run's process was killed by SIGKILL in task kill_myself.");
    expect(the(result, 'exit')).toMatchObject({ signal: 'SIGKILL' });
    expect(taskError(result, 'kill_myself').message).toContain('killed by SIGKILL');
  });

  describe('2.11: `execution_timeout`, SIGTERM, KeyboardInterrupt leave `dag.test()`: as 3.3', () => {
    test('a timeout and a KeyboardInterrupt fail their task, trigger rules go on, the run is finished', async () => {
      const result = await run('interrupted_tasks');
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { too_slow: 'failed', keyboard: 'failed', goes_on: 'success' },
      });
      expect(taskError(result, 'too_slow')).toMatchObject({
        type: 'AirflowTaskTimeout',
        file: place('interrupted_tasks'),
      });
      expect(taskError(result, 'keyboard').type).toBe('KeyboardInterrupt');
    });

    test('a task that sends SIGTERM to itself does not end the run', async () => {
      const result = await run('terminates_itself');
      // The handler of 3.3's task runner swallows the signal; 2.11's turns it into an error.
      const terminate = isAirflow3 ? 'success' : 'failed';
      expect(outcome(result)).toEqual({
        exit: 0,
        run: 'success',
        tasks: { terminate, goes_on: 'success' },
      });
    });
  });

  test('3.3: the runner’s handler swallows SIGTERM: our own cancel must still work', async () => {
    const started = project.start(['run-dag', '--json', 'dags/terminates_itself_then_waits.py']);
    await started.waitFor((output) => output.includes('waiting now'));
    started.kill('SIGTERM');
    const result = await started.ended;
    expect(result.code).toBe(143);
    const events = result.stdout.trim().split('\n');
    expect(events.find((line) => line.includes('run_finished'))).toContain('"state":"failed"');
  });

  describe('`retry_delay` waits for real: no wait', () => {
    test('retries are off, and that is said', async () => {
      const result = await run('retries_later');
      expect(outcome(result)).toEqual({ exit: 1, run: 'failed', tasks: { boom: 'failed' } });
      expect(warnings(result)).toContainEqual({
        code: 'retries_off',
        text: 'Retries are off (boom); --retries N tries again at once, without retry_delay.',
      });
    });

    test('with --retries 2 they are immediate', async () => {
      const result = await run('retries_later', ['--retries', '2'], { timeout: 60_000 });
      expect(the(result, 'run_finished').tasks).toMatchObject([
        { task_id: 'boom', state: 'failed', try_number: 3 },
      ]);
      expect(taskError(result, 'boom').message).toBe('try 3');
    });
  });

  test('2.11: trigger raises, the task is re-run for ever: task failed with the trigger’s error', async () => {
    const result = await run('trigger_raises', [], { timeout: 60_000 });
    expect(outcome(result)).toEqual({ exit: 1, run: 'failed', tasks: { waits: 'failed' } });
    expect(taskError(result, 'waits')).toMatchObject({
      type: 'RuntimeError',
      message: 'the trigger broke',
      file: place('trigger_raises'),
    });
    expect(taskError(result, 'waits').traceback.join('\n')).not.toContain('TaskDeferred');
  });

  test('2.11: an error before the task’s own code, the task begins again for ever: task failed with it', async () => {
    const result = await run('task_param_missing', [], { timeout: 60_000 });
    expect(outcome(result)).toEqual({ exit: 1, run: 'failed', tasks: { show: 'failed' } });
    expect(taskError(result, 'show').message).toContain('No value passed and Param has no default value');
  });

  // Airflow 3 asks no such method of a DAG.
  test.each(isAirflow3 ? [] : ['without_interval'])(
    '2.11: the same in %s, without callbacks',
    async (file) => {
      const result = await run(file, [], { timeout: 60_000 });
      expect(outcome(result)).toEqual({ exit: 1, run: 'failed', tasks: { show: 'failed' } });
      expect(taskError(result, 'show').message).toBe('there is no interval');
    },
  );

  test('`defer(kwargs=…)` with an inline trigger, dropped on both: kept', async () => {
    const result = await run('defer_with_kwargs');
    expect(returned(result)).toEqual({ waits: "'event=42 kept=yes day=2024-01-01'" });
  });

  test('`sys.exit(0)` in a task as the line; `sys.exit(3)` fails; clean-up still runs', async () => {
    const result = await run('system_exits');
    const exitZero = isAirflow3 ? 'failed' : 'success';
    expect(outcome(result)).toEqual({
      exit: 0,
      run: 'success',
      tasks: { exit_0: exitZero, exit_3: 'failed', clean_up: 'success' },
    });
    expect(taskError(result, 'exit_3').file).toBe(place('system_exits'));
  });

  test('`print()` of a connection’s password: masked, in subprocesses, errors and log files too', async () => {
    const password = 'sw0rdfish-77';
    const env = { AIRFLOW_CONN_WITH_PASSWORD: `postgres://me:${password}@host/database` };
    const result = await run('prints_password', [], { env });
    expect(result.code).toBe(1);
    expect(logTexts(result, 'show')).toEqual(
      expect.arrayContaining(['printed ***', 'stderr ***', 'logged ***', 'child ***']),
    );
    expect(taskError(result, 'show').message).toBe('raised ***');
    expect(result.stdout + result.stderr).not.toContain(password);
    const shown = await project.devenv(['run-dag', 'dags/prints_password.py'], { env });
    expect(shown.stdout + shown.stderr).not.toContain(password);
    expect(await filesWith(path.join(project.root, '.devenv', 'airflow'), password)).toEqual([]);
  });

  test('module-level `Variable.get`, not found on 3.3 though it is in the database: found', async () => {
    expect((await run('sets_variable')).code).toBe(0);
    const result = await run('reads_variable_at_the_top');
    expect(returned(result)).toEqual({ show: "'from the database'" });
  });

  describe('fresh database', () => {
    test('TriggerDagRun: the target is registered first, and that nothing runs it is said', async () => {
      const result = await run('triggers_another');
      expect(outcome(result)).toEqual({ exit: 0, run: 'success', tasks: { trigger: 'success' } });
      expect(warnings(result).find((each) => each.code === 'triggered_run_queued')?.text).toMatch(
        /^trigger triggered a run of triggered_one, which stays queued .*devenv run-dag triggered_one$/,
      );
      expect(
        await queryDatabase(project, airflow, `select state from dag_run where dag_id = 'triggered_one'`),
      ).toEqual([{ state: 'queued' }]);
    });

    test('dataset events, silently not stored: stored, those of aliases too', async () => {
      const result = await run('stores_events');
      expect(outcome(result)).toMatchObject({ exit: 0, run: 'success' });
      const word = isAirflow3 ? 'asset' : 'dataset';
      const rows = await queryDatabase(
        project,
        airflow,
        `select uri, event.extra::text as extra from ${word}_event event join ${word} on ${word}.id = ${word}_id
           where uri like 'file:///trap/%' order by uri`,
      );
      expect(rows.map((row) => [row['uri'], JSON.parse(String(row['extra']))])).toEqual([
        ['file:///trap/by-alias', {}],
        ['file:///trap/outlet', { rows: 7 }],
      ]);
    });
  });

  describe('import errors: always the author’s file and line', () => {
    test.each([
      ['duplicate_task_id', 'EmptyOperator(task_id="same")', /Task id 'same' has already been added/, 2],
      [
        'bad_argument',
        'EmptyOperator(task_id="one", no_such',
        /Invalid arguments were passed.*\n.*no_such/,
        1,
      ],
      ['bad_dag_id', 'bad_dag_id()', /'bad dag id!' has to be made of alphanumeric/, 2],
      ['cycle', '@dag("goes_in_circles"', /Cycle detected in D\w+: goes_in_circles/, 1],
    ])('%s', async (file, code, why, occurrence) => {
      const result = await run(`broken/${file}`);
      expect(result.code).toBe(1);
      const error = the(result, 'error');
      expect(error).toMatchObject({ code: 'import_error', why: expect.stringMatching(why) as string });
      const lines = (await dagFiles('traps'))[`dags/broken/${file}.py`]!.split('\n');
      const matching = lines.flatMap((text, index) => (text.includes(code) ? [index + 1] : []));
      expect(error.detail).toMatchObject({
        file: place(`broken/${file}`),
        line: matching[occurrence - 1],
      });
    });

    test('module-level `sys.exit(4)`: an import error of that file only', async () => {
      const result = await run('broken/exits_at_the_top');
      expect(result.code).toBe(1);
      expect(the(result, 'error')).toMatchObject({
        code: 'import_error',
        detail: { file: place('broken/exits_at_the_top'), line: expect.any(Number) as number },
      });
      expect((await project.runDag(['daily'])).code).toBe(0);
    });
  });

  test('the same DAG id in two files, one silently wins: named with both paths, from the first run on', async () => {
    for (const [file, other] of [
      ['twice_a', 'twice_b'],
      ['twice_b', 'twice_a'],
    ] as const) {
      const result = await run(file);
      expect(result.code).toBe(0);
      const text = warnings(result).find((each) => each.code === 'dag_id_twice')?.text;
      expect(text).toContain(place(file));
      expect(text).toContain(place(other));
    }
    expect(warnings(await run('daily'))).toEqual([]);
  });

  describe('`sys.path` as Airflow in production', () => {
    test('a DAG file named `six.py` does not break Airflow, nor hide the installed module', async () => {
      const result = await run('six');
      expect(result.code).toBe(0);
      expect(returned(result)['where']).toMatch(/site-packages\/six\.py'$/);
    });

    test('never the file’s own folder first, no sibling import that production would not have, and a hint', async () => {
      const result = await run('team/uses_sibling');
      expect(result.code).toBe(1);
      expect(the(result, 'error')).toMatchObject({
        code: 'import_error',
        next: expect.arrayContaining([
          'helper_of_team lies beside this file, but production does not have that folder on its import path.',
        ]) as string[],
      });
      const good = await run('team/uses_production_path');
      expect(good.code).toBe(0);
      expect(logTexts(good, 'one')).toEqual(
        expect.arrayContaining(['own folder on sys.path: False', "first is the file's: False"]),
      );
    });
  });

  test('manual run of `@daily`: 2.11 previous day’s interval, 3.3 zero length: as the line', async () => {
    const result = await run('daily', ['--logical-date', '2024-03-05T12:00:00+00:00', '--replace']);
    expect(returned(result)).toEqual({
      interval: isAirflow3
        ? "'2024-03-05T12:00:00+00:00 2024-03-05T12:00:00+00:00'"
        : "'2024-03-04T00:00:00+00:00 2024-03-05T00:00:00+00:00'",
    });
  });

  // Measured again: `airflow dags test` of 2.11.2 gives TaskFlow functions a tuple as well.
  test('tuple through XCom: as the line', async () => {
    expect(returned(await run('tuple_through_xcom'))).toEqual({ take: "'tuple [1, 2]'" });
  });

  test('`on_success_callback` for a skipped task, called on 2.11: as the line', async () => {
    const result = await run('skipped_with_callback');
    expect(outcome(result)).toEqual({ exit: 0, run: 'success', tasks: { skip: 'skipped' } });
    expect(logTexts(result, 'skip').includes('on_success_callback was called')).toBe(!isAirflow3);
  });

  describe('required param missing, conf against the schema: no run at all, exit 1, naming the param', () => {
    test.each([
      [[], 'needed'],
      [['--conf', '{"needed": "x", "number": 0}'], 'number'],
      [['--conf', '{"needed": 7}'], 'needed'],
    ])('%j', async (args, name) => {
      const result = await run('with_params', args);
      expect(result.code).toBe(1);
      expect(result.events.map((each) => each.event)).not.toContain('run_started');
      const error = the(result, 'error');
      expect(error).toMatchObject({
        code: 'params_invalid',
        why: expect.stringContaining(`param ${name}`) as string,
        next: [`Give it: --conf '{"${name}": VALUE}'`],
      });
    });

    test('with them it runs', async () => {
      const result = await run('with_params', ['--conf', '{"needed": "x"}']);
      expect(returned(result)).toEqual({ show: "'x 5'" });
    });
  });

  test('not enforced by either: `dagrun_timeout`, pools or queues that do not exist: a warning for each', async () => {
    const result = await run('not_enforced');
    expect(result.code).toBe(0);
    expect(warnings(result).map((each) => each.code)).toEqual([
      'dagrun_timeout_not_enforced',
      'pool_missing',
      'queue_not_used',
    ]);
  });

  describe('after the run', () => {
    test('no process left, also not one in a session of its own', async () => {
      expect((await run('messes_up')).code).toBe(0);
      expect(processesWith('sleep 3141')).toEqual([]);
      // One spare is forked ahead for the next request; nothing else stays.
      await until(
        () => runnerProcesses(project).runs.length <= 1,
        () => runnerProcesses(project),
      );
    });

    test('env, cwd, sys.path, modules, umask and signal handlers do not leak into the next run', async () => {
      const alone = returned(await run('looks_for_leaks', ['--no-runner']))['look'];
      await run('messes_up');
      expect(returned(await run('looks_for_leaks'))['look']).toBe(alone);
      expect(alone).toContain("'env': None");
    });

    test('ten DAGs one after the other in one warm process give what they give alone', async () => {
      const pid = runnerProcesses(project).warm?.pid;
      const files = ['daily', 'messes_up', 'failed_behind_all_done', 'six', 'tuple_through_xcom'];
      const states: Record<string, string>[] = [];
      for (const file of [...files, ...files]) states.push(finalStates(await run(file)));
      expect(states.slice(5)).toEqual(states.slice(0, 5));
      expect(states.slice(0, 5)).toEqual([
        { interval: 'success' },
        { mess: 'success' },
        { boom: 'failed', clean_up: 'success' },
        { where: 'success' },
        { give: 'success', take: 'success' },
      ]);
      expect(runnerProcesses(project).warm?.pid).toBe(pid);
    });

    test('no DAG run is left `running`', async () => {
      const rows = await queryDatabase(
        project,
        airflow,
        `select dag_id, state from dag_run where state not in ('success', 'failed') and dag_id <> 'triggered_one'`,
      );
      expect(rows).toEqual([]);
      const instances = await queryDatabase(
        project,
        airflow,
        `select dag_id, task_id, state from task_instance
           where state in ('running', 'queued', 'scheduled', 'deferred', 'up_for_reschedule', 'up_for_retry')
             and dag_id <> 'triggered_one'`,
      );
      expect(instances).toEqual([]);
    });
  });
});

async function filesFor(airflow: AirflowLine): Promise<Record<string, string>> {
  const files = await dagFiles('traps');
  const onlyAirflow2 = 'dags/started_yesterday.py';
  return Object.fromEntries(
    Object.entries(files).filter(([name]) => name !== onlyAirflow2 || airflow.startsWith('2')),
  );
}
