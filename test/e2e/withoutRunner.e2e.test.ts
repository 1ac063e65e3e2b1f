import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER, oneTaskDag } from './support/dags.ts';
import { dagRunStates, processesWith, uniqueSeconds, until } from './support/inspect.ts';
import {
  AIRFLOW_LINES,
  createProject,
  finalStates,
  type RunResult,
  type TestProject,
} from './support/project.ts';

const FILES = {
  'dags/good.py': `${DAG_HEADER}
@dag(schedule=None, start_date=START)
def good():
    @task
    def numbers():
        print("counting")
        return [1, 2]
    @task
    def double(number):
        return 2 * number
    double.expand(number=numbers())
good()
`,
  'dags/bad.py': oneTaskDag('bad', 'raise ValueError("no luck today")'),
  'dags/exiting.py': `${DAG_HEADER}
with DAG("exiting", schedule=None, start_date=START):
    @task
    def exits():
        subprocess.Popen(["sleep", os.environ["SECONDS_TO_SLEEP"]], start_new_session=True)
        os._exit(0)
    @task
    def later():
        pass
    exits() >> later()
`,
  'dags/killed.py': oneTaskDag(
    'killed',
    `
subprocess.Popen(["sleep", os.environ["SECONDS_TO_SLEEP"]], start_new_session=True)
os.kill(os.getpid(), signal.SIGKILL)`,
  ),
  'dags/sleeping.py': oneTaskDag(
    'sleeping',
    `
subprocess.Popen(["sleep", os.environ["SECONDS_TO_SLEEP"]], start_new_session=True)
while True:
    try:
        # Said in here: a signal that follows at once must find the task able to be unimpressed.
        print("asleep", flush=True)
        time.sleep(1)
    except BaseException as end:
        print("not impressed", flush=True)
        if "STUBBORN" not in os.environ:
            raise`,
  ),
};

/** What a script sees of a run, without what differs from run to run, such as the order of mapped instances. */
function told(result: RunResult): string[] {
  const varying = new Set(['t', 'duration_ms', 'task_ms', 'run_id', 'logical_date', 'pid', 'warm']);
  return result.events
    .filter((each) => ('type' in each ? false : each.event !== 'log' || each.level === 'output'))
    .map((each) => JSON.stringify(each, (key, value: unknown) => (varying.has(key) ? '' : value)))
    .sort();
}

describe.each(AIRFLOW_LINES)('On Airflow %s --no-runner', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  // Each takes the seconds of a fresh interpreter, and what is tested is hardly of one line or the other.
  const isFirst = airflow === AIRFLOW_LINES[0];
  test.each(isFirst ? ['good', 'bad', 'exiting', 'killed'] : ['good', 'killed'])(
    'tells the same as the runner of: %s',
    async (name) => {
      const env = { SECONDS_TO_SLEEP: uniqueSeconds() };
      const without = await project.runDag([`dags/${name}.py`, '--no-runner'], { env });
      const warm = await project.runDag([`dags/${name}.py`], { env });
      expect(told(without)).toEqual(told(warm));
      expect(warm.code).toBe(without.code);
      expect(without.code).toBe(name === 'good' ? 0 : 1);
      expect((await dagRunStates(project, airflow)).slice(-2)).toEqual(
        Array(2).fill(`${name} ${name === 'good' ? 'success' : 'failed'}`),
      );
      const left = () => processesWith(`sleep ${env.SECONDS_TO_SLEEP}`);
      await until(() => left().length === 0, left);
      if (name === 'exiting') expect(finalStates(without)).toEqual({ exits: 'failed', later: 'none' });
    },
  );

  test.each(isFirst ? ['SIGINT', 'SIGINT SIGINT', 'SIGKILL'] : ['SIGINT'])(
    'leaves nothing behind after %s',
    async (signals) => {
      const seconds = uniqueSeconds();
      const stubborn = signals === 'SIGINT SIGINT' ? { STUBBORN: '1' } : {};
      const run = project.start(['run-dag', 'dags/sleeping.py', '--no-runner'], {
        env: { SECONDS_TO_SLEEP: seconds, ...stubborn },
      });
      await run.waitFor((output) => output.includes('asleep'));
      const [first, second] = signals.split(' ') as NodeJS.Signals[];
      run.kill(first!);
      if (second !== undefined) {
        await run.waitFor((output) => output.includes('not impressed'));
        run.kill(second);
      }
      const result = await run.ended;
      if (first === 'SIGINT') expect(result.code).toBe(130);
      await until(
        async () => (await dagRunStates(project, airflow)).at(-1) === 'sleeping failed',
        () => dagRunStates(project, airflow),
      );
      const left = () => [
        ...processesWith(`sleep ${seconds}`),
        ...processesWith('once').filter((each) => each.commandLine.includes('airflow_devenv once')),
      ];
      await until(() => processesWith(`sleep ${seconds}`).length === 0, left);
    },
  );
});
