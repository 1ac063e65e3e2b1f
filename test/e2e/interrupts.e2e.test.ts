import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER, oneTaskDag } from './support/dags.ts';
import { dagRunStates, processesWith, uniqueSeconds, until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, parseEvents, type TestProject } from './support/project.ts';

const SLEEPER = `${DAG_HEADER}
class Sleeper(BaseOperator):
    def execute(self, context):
        seconds = os.environ["SECONDS_TO_SLEEP"]
        child = subprocess.Popen(["sleep", seconds])
        subprocess.Popen(["sleep", seconds], start_new_session=True)
        subprocess.Popen(["sh", "-c", f"trap '' TERM; sleep {seconds}; true"], start_new_session=True)
        print("asleep", flush=True)
        child.wait()
    def on_kill(self):
        print("on_kill of", self.task_id, flush=True)
        Path(os.environ["MARKER"]).write_text(self.task_id)

with DAG("sleeper", schedule=None, start_date=START):
    Sleeper(task_id="before.sleep") >> Sleeper(task_id="never")
`;

const FILES = {
  'dags/sleeper.py': SLEEPER,
  // Everything that can be ignored is ignored.
  'dags/stubborn.py': oneTaskDag(
    'stubborn',
    `
subprocess.Popen(["sleep", os.environ["SECONDS_TO_SLEEP"]], start_new_session=True)
told = False
while True:
    try:
        if not told:
            told = True
            print("asleep", flush=True)
        time.sleep(1)
    except BaseException:
        print("not impressed", flush=True)`,
  ),
  'dags/main.py': `${DAG_HEADER}
if __name__ == "__main__":
    print("asleep", flush=True)
    time.sleep(600)
`,
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
  });
  afterAll(() => project[Symbol.asyncDispose]());

  async function start(file: string, args: readonly string[] = []) {
    const seconds = uniqueSeconds();
    const marker = path.join(project.root, `marker-${seconds}`);
    const run = project.start(['run-dag', file, ...args], {
      env: { SECONDS_TO_SLEEP: seconds, MARKER: marker },
    });
    await run.waitFor((output) => output.includes('asleep'));
    return { run, seconds, marker };
  }

  async function expectNothingLeft(seconds: string): Promise<void> {
    const left = () => processesWith(`sleep ${seconds}`);
    await until(
      () => left().length === 0,
      () => left(),
      10_000,
    );
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends %i: on_kill has run, the run is failed, no process is left', async (signal, code) => {
    const { run, seconds, marker } = await start('dags/sleeper.py');
    const begun = () => processesWith(`sleep ${seconds}`);
    await until(
      () => begun().length > 2,
      () => begun(),
      10_000,
    );
    run.kill(signal);
    const result = await run.ended;
    expect(result.code).toBe(code);
    expect(await readFile(marker, 'utf8')).toBe('before.sleep');
    expect(result.stdout).toContain('on_kill of before.sleep');
    expect((await dagRunStates(project, airflow)).at(-1)).toBe('sleeper failed');
    await expectNothingLeft(seconds);
  });

  test('with --json the last event is the exit with that code', async () => {
    const { run } = await start('dags/sleeper.py', ['--json']);
    run.kill('SIGINT');
    const result = await run.ended;
    expect(result.code).toBe(130);
    const events = parseEvents(result.stdout);
    expect(events.at(-1)).toMatchObject({ event: 'exit', code: 130 });
    const states = events.flatMap((each) =>
      each.event === 'run_finished' ? each.tasks.map((task) => [task.task_id, task.state]) : [],
    );
    expect(states[0]).toEqual(['before.sleep', 'failed']);
  });

  test('a second SIGINT kills a task that ignores the first', async () => {
    const { run, seconds } = await start('dags/stubborn.py');
    run.kill('SIGINT');
    await run.waitFor((output) => output.includes('not impressed'));
    run.kill('SIGINT');
    const result = await run.ended;
    expect(result.code).toBe(130);
    await until(
      async () => (await dagRunStates(project, airflow)).at(-1) === 'stubborn failed',
      () => dagRunStates(project, airflow),
    );
    await expectNothingLeft(seconds);
  });

  test('SIGINT ends a __main__ block that is not in a DAG run', async () => {
    const { run } = await start('dags/main.py');
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });

  test('a task that does not end is no longer there after the command was killed', async () => {
    const { run, seconds, marker } = await start('dags/sleeper.py');
    run.kill('SIGKILL');
    await until(
      () =>
        access(marker).then(
          () => true,
          () => false,
        ),
      () => `no ${marker}`,
    );
    await until(
      async () => (await dagRunStates(project, airflow)).at(-1) === 'sleeper failed',
      () => dagRunStates(project, airflow),
    );
    await expectNothingLeft(seconds);
  });

  test('a signal before the run has begun ends the command at once', async () => {
    await project.devenv(['down', '--all']);
    const run = project.start(['run-dag', 'dags/sleeper.py']);
    await run.waitFor((output) => output.includes('Loading Airflow'));
    run.kill('SIGINT');
    const result = await run.ended;
    expect(result.code).toBe(130);
    expect(result.stdout).toBe('');
  });
});
