import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER, oneTaskDag } from './support/dags.ts';
import { dagRunStates, queryDatabase } from './support/inspect.ts';
import {
  AIRFLOW_LINES,
  createProject,
  finalStates,
  parseEvents,
  the,
  type TestProject,
} from './support/project.ts';

const MAIN_BLOCK = `
if __name__ == "__main__":
    import argparse
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    parser.add_argument("--exit", type=int, default=0)
    arguments = parser.parse_args()
    print("hello", arguments.name)
    sys.exit(arguments.exit)
`;

/** Asks for all but the last two events of a dataset that has none: Postgres refuses the statement. */
const STATEMENT = `
import datetime
from airflow.datasets import Dataset
from airflow.decorators import dag, task

@dag(schedule=None, start_date=datetime.datetime.min)
def statement():
    @task(inlets=[Dataset("s3://bucket/1")])
    def work(*, inlet_events=None):
        print(list(inlet_events[Dataset("s3://bucket/1")][:-2]))
    work()

statement()
`;

const FILES = {
  'dags/good.py': oneTaskDag('good', 'print("hello")\nreturn {"answer": 42}'),
  'dags/bad.py': oneTaskDag('bad', 'raise ValueError("no luck today")'),
  'dags/retrying.py': oneTaskDag(
    'retrying',
    'raise ValueError("again")',
    'retries=3, retry_delay=datetime.timedelta(minutes=5)',
  ),
  'dags/broken.py': `${DAG_HEADER}\nimport helpers_that_do_not_exist\n`,
  'dags/broken_syntax.py': 'x = 1\ndef broken(:\n',
  'dags/none.py': 'x = 1\n',
  'dags/two.py': `${DAG_HEADER}
def make(name):
    with DAG(dag_id=name, schedule=None, start_date=START) as made:
        @task
        def work():
            return name
        work()
    return made
first, second = make("first"), make("second")
`,
  'dags/slow.py': oneTaskDag('slow', 'time.sleep(60)'),
  'dags/configured.py': `${DAG_HEADER}
@dag(schedule=None, start_date=START)
def configured():
    @task
    def show(**context):
        return [[[key, context["dag_run"].conf[key]] for key in sorted(context["dag_run"].conf)], os.environ.get("FROM_FILE"), os.environ.get("QUOTED")]
    show()
configured()
`,
  'dags/three.py': `${DAG_HEADER}
@dag(schedule=None, start_date=START)
def three():
    @task
    def extract():
        print("extract ran")
        return 1
    @task
    def transform():
        print("transform ran")
    @task
    def load():
        print("load ran")
    extract() >> transform() >> load()
three()
`,
  'dags/main_fails.py': `${oneTaskDag('main_fails', 'raise ValueError("inside")')}
if __name__ == "__main__":
    instance.test()
    print("the script goes on")
`,
  'dags/main_date.py': `${oneTaskDag('main_date', 'return 1')}
if __name__ == "__main__":
    import airflow
    name = "execution_date" if airflow.__version__.startswith("2.") else "logical_date"
    instance.test(**{name: datetime.datetime(2026, 2, 3, tzinfo=datetime.timezone.utc)})
`,
  'dags/main_arguments.py': `${oneTaskDag('main_arguments', 'return 1')}${MAIN_BLOCK}`,
  'plugins/operators/ship.py': `${DAG_HEADER}
class ShipOperator(BaseOperator):
    def execute(self, context):
        return "shipped"
${MAIN_BLOCK}`,
  'some.env': '# a comment\nFROM_FILE=from the file\nexport QUOTED="a b"\n',
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('a successful run ends 0 with its return value', async () => {
    const result = await project.runDag(['dags/good.py']);
    expect(result.code).toBe(0);
    expect(finalStates(result)).toEqual({ work: 'success' });
    expect(the(result, 'return_value').value).toBe("{'answer': 42}");
    expect(result.events.at(-1)).toMatchObject({ event: 'exit', code: 0 });
  });

  test('a failing task ends 1, and its traceback starts at the author’s line', async () => {
    const result = await project.devenv(['run-dag', 'dags/bad.py']);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('ValueError: no luck today');
    expect(result.stdout).toContain(path.join(project.root, 'dags/bad.py'));
    expect(result.stdout).not.toContain('task_runner.py');
  });

  test('retries with a delay of five minutes are not waited for', async () => {
    const result = await project.runDag(['dags/retrying.py']);
    expect(result.code).toBe(1);
    expect(result.milliseconds).toBeLessThan(30_000);
    expect(result.events.filter((each) => each.event === 'task_started')).toHaveLength(1);
    expect(result.events).toContainEqual(expect.objectContaining({ event: 'warning', code: 'retries_off' }));
  });

  test('--retries 2 tries three times, at once', async () => {
    const result = await project.runDag(['dags/retrying.py', '--retries', '2']);
    expect(result.code).toBe(1);
    expect(result.milliseconds).toBeLessThan(30_000);
    const tries = result.events.filter((each) => each.event === 'task_finished');
    expect(tries.map((each) => [each.try_number, each.state])).toEqual([
      [1, 'up_for_retry'],
      [2, 'up_for_retry'],
      [3, 'failed'],
    ]);
  });

  test.each([
    ['a missing module', 'dags/broken.py', 'helpers_that_do_not_exist', 12],
    ['a syntax error', 'dags/broken_syntax.py', 'SyntaxError', 2],
  ])('an import error ends 1 with file and line: %s', async (_name, file, message, line) => {
    const result = await project.devenv(['run-dag', file]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`${path.join(project.root, file)}:${line}`);
    expect(result.stderr).toContain(message);
  });

  test('a file without a DAG ends 2', async () => {
    const result = await project.runDag(['dags/none.py']);
    expect(result.code).toBe(2);
    expect(the(result, 'error')).toMatchObject({ code: 'no_dag_in_file', misuse: true });
  });

  test('an unknown DAG id ends 2 and shows the nearest names', async () => {
    const result = await project.devenv(['run-dag', 'goood']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('good');
    expect(result.stderr).toContain('devenv run-dag good');
  });

  test('a DAG is found by its id', async () => {
    const result = await project.runDag(['second']);
    expect(result.code).toBe(0);
    expect(the(result, 'return_value').value).toBe("'second'");
  });

  test('two DAGs in a file end 2, and --dag-id picks one', async () => {
    const refused = await project.runDag(['dags/two.py']);
    expect(refused.code).toBe(2);
    expect(the(refused, 'error').next?.join()).toContain('--dag-id first');
    const picked = await project.runDag(['dags/two.py', '--dag-id', 'first']);
    expect(picked.code).toBe(0);
    expect(the(picked, 'run_finished').dag_id).toBe('first');
    const wrong = await project.runDag(['dags/two.py', '--dag-id', 'third']);
    expect(wrong.code).toBe(2);
    expect(the(wrong, 'error').why).toContain('first, second');
  });

  test('--timeout ends 1, says so and marks the run failed', async () => {
    const result = await project.runDag(['dags/slow.py', '--timeout', '1500ms']);
    expect(result.code).toBe(1);
    expect(the(result, 'error').code).toBe('timeout');
    expect(the(result, 'run_finished').state).toBe('failed');
    expect((await dagRunStates(project, airflow)).at(-1)).toBe('slow failed');
  });

  test('--conf and --env-file reach the tasks', async () => {
    const options = ['--conf', '{"day": "2026-01-31", "n": [1, null]}', '--env-file', 'some.env'];
    const result = await project.runDag(['dags/configured.py', ...options]);
    expect(the(result, 'return_value').value).toBe(
      "[[['day', '2026-01-31'], ['n', [1, None]]], 'from the file', 'a b']",
    );
    const without = await project.runDag(['dags/configured.py']);
    expect(the(without, 'return_value').value).toBe('[[], None, None]');
  });

  test('--task runs only what matches, --mark-success runs all but what matches', async () => {
    const some = await project.runDag(['dags/three.py', '--task', '^trans']);
    expect(some.code).toBe(0);
    expect(finalStates(some)).toEqual({ transform: 'success' });
    const none = await project.runDag(['dags/three.py', '--task', 'nothing']);
    expect(none.code).toBe(2);
    expect(the(none, 'error').why).toContain('extract');
    const bad = await project.runDag(['dags/three.py', '--task', '(']);
    expect([bad.code, the(bad, 'error').code]).toEqual([2, 'pattern_invalid']);
    const insensitive = await project.runDag(['dags/three.py', '--task', '(?i)^EXTRACT$']);
    expect(finalStates(insensitive)).toEqual({ extract: 'success' });
    const marked = await project.runDag(['dags/three.py', '--mark-success', 'extract|load']);
    expect(marked.code).toBe(0);
    expect(finalStates(marked)).toEqual({ extract: 'success', load: 'success', transform: 'success' });
    expect(marked.stdout).toContain('transform ran');
    expect(marked.stdout).not.toContain('extract ran');
    expect(marked.stdout).not.toContain('load ran');
  });

  test('a logical date twice ends 2, and --replace runs it again', async () => {
    const options = ['dags/good.py', '--logical-date', '2026-01-31T06:00:00+00:00'];
    const first = await project.runDag(options);
    expect(first.code).toBe(0);
    expect(the(first, 'run_started').logical_date).toBe('2026-01-31T06:00:00+00:00');
    const second = await project.runDag(options);
    expect(second.code).toBe(2);
    expect(the(second, 'error').code).toBe('logical_date_taken');
    expect((await project.runDag([...options, '--replace'])).code).toBe(0);
  });

  test('so does the date in a __main__ block, and --logical-date for one; the run that is there stays', async () => {
    expect((await project.runDag(['dags/main_date.py'])).code).toBe(0);
    const tasks = () =>
      queryDatabase(
        project,
        airflow,
        "select run_id, state, try_number, end_date from task_instance where dag_id = 'main_date'",
      );
    const before = await tasks();
    expect(before).toMatchObject([{ state: 'success' }]);
    const second = await project.runDag(['dags/main_date.py']);
    expect([second.code, the(second, 'error').code]).toEqual([2, 'logical_date_taken']);
    expect(await tasks()).toEqual(before);
    expect((await project.runDag(['dags/main_date.py', '--replace'])).code).toBe(0);
    const dated = ['dags/main_fails.py', '--logical-date', '2026-02-03T00:00:00+00:00'];
    expect((await project.runDag(dated)).code).toBe(1);
    const again = await project.runDag(dated);
    expect([again.code, the(again, 'error').code]).toEqual([2, 'logical_date_taken']);
  });

  test('a __main__ block gets the arguments after --, and its exit code counts', async () => {
    const good = await project.devenv(['run-dag', 'dags/main_arguments.py', '--', '--name', 'Zoë']);
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('hello Zoë')]);
    const arguments_ = ['--name', 'x', '--exit', '3'];
    const bad = await project.devenv(['run-dag', 'dags/main_arguments.py', '--', ...arguments_]);
    expect(bad.code).toBe(3);
  });

  test('a __main__ block whose dag.test() fails ends 1, although the script ends 0', async () => {
    const result = await project.runDag(['dags/main_fails.py']);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('the script goes on');
    expect(the(result, 'run_finished').state).toBe('failed');
  });

  test('an operator file runs its __main__ block', async () => {
    const result = await project.devenv(['run-dag', 'plugins/operators/ship.py', '--', '--name', 'ship']);
    expect([result.code, result.stdout]).toEqual([0, expect.stringContaining('hello ship')]);
  });

  test('nothing of all this is left running in the database', async () => {
    const states = await dagRunStates(project, airflow);
    expect(states.length).toBeGreaterThan(10);
    expect(states.filter((each) => !/ (success|failed)$/.test(each))).toEqual([]);
  });
});

describe('What is refused before Airflow is asked', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow: '3.3.2', files: FILES });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test.each([
    ['--conf that is not JSON', ['dags/good.py', '--conf', '{day: 1}'], '--conf is not JSON'],
    ['--conf that is not an object', ['dags/good.py', '--conf', '[1]'], 'not a JSON object'],
    ['an unknown option', ['dags/good.py', '--dagid', 'x'], '--dag-id'],
    ['a missing file', ['dags/missing.py'], 'There is no file'],
    ['a folder', ['dags'], 'is not a file'],
    ['no file at all', [], 'missing required argument'],
    ['a bad date', ['dags/good.py', '--logical-date', 'yesterday'], '2026-01-31'],
    ['a date that is none', ['dags/good.py', '--logical-date', '2026-02-31'], '2026-01-31'],
    ['a bad duration', ['dags/good.py', '--timeout', 'soon'], '5m'],
    ['bad retries', ['dags/good.py', '--retries', '-1'], 'whole number'],
    ['a missing environment file', ['dags/good.py', '--env-file', 'no.env'], 'no.env'],
  ])('%s ends 2', async (_name, args, message) => {
    const result = await project.devenv(['run-dag', ...args]);
    expect([result.code, result.stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(result.stdout).toBe('');
  });

  test('with --json the error is one object on standard output', async () => {
    for (const args of [
      ['dags/missing.py', '--json'],
      ['--json', 'dags/good.py', '--conf', '{'],
      ['--json', 'dags/good.py', '--dagid', 'x'],
      ['--json', 'dags/good.py', '--timeout', 'soon'],
    ]) {
      const result = await project.devenv(['run-dag', ...args]);
      expect(result.code).toBe(2);
      expect(result.stderr).toBe('');
      expect(parseEvents(result.stdout)).toEqual([
        expect.objectContaining({ v: 1, event: 'error', code: expect.any(String), misuse: true }),
      ]);
    }
  });
});

test('On Airflow 2.11.2 a task whose own statement fails has failed like any other, and the run knows', async () => {
  await using project = await createProject({
    airflow: '2.11.2',
    files: { 'dags/statement.py': STATEMENT },
  });
  const result = await project.runDag(['dags/statement.py']);
  expect(result.code).toBe(1);
  expect(finalStates(result)).toEqual({ work: 'failed' });
  expect(result.stdout).not.toContain('InFailedSqlTransaction');
});
