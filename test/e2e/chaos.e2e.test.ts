import { readdir, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { oneTaskDag } from './support/dags.ts';
import {
  dagRunStates,
  processesWith,
  queryDatabase,
  runnerProcesses,
  uniqueSeconds,
  until,
} from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, the, type TestProject } from './support/project.ts';

// Anything may be killed or deleted at any time: the next run works, and what was recorded stays recorded.

const FILES = {
  'dags/good.py': oneTaskDag('good', 'return 42'),
  'dags/sleeping.py': oneTaskDag(
    'sleeping',
    `
subprocess.Popen(["sleep", os.environ["SECONDS_TO_SLEEP"]], start_new_session=True)
print("asleep", flush=True)
time.sleep(600)`,
  ),
  'dags/waiting.py': oneTaskDag(
    'waiting',
    `
print("waiting", flush=True)
while not Path(os.environ["GO"]).exists():
    time.sleep(0.02)`,
  ),
};

describe.each(AIRFLOW_LINES)('On Airflow %s, after', (airflow) => {
  let project: TestProject;
  let history: string[];

  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
    await expectAGoodRun();
  });
  afterAll(() => project[Symbol.asyncDispose]());
  beforeEach(async () => {
    history = await dagRunStates(project, airflow);
  });

  async function expectAGoodRun(): Promise<void> {
    const result = await project.runDag(['dags/good.py']);
    expect([result.code, result.stdout]).toEqual([0, expect.any(String)]);
    expect(the(result, 'return_value').value).toBe('42');
  }

  /** The runs of before, the given ones and one good run; nothing running. */
  async function expectRecovery(...since: string[]): Promise<void> {
    await expectAGoodRun();
    expect(await dagRunStates(project, airflow)).toEqual([...history, ...since, 'good success']);
    const tasks = await queryDatabase(
      project,
      airflow,
      `select task_id, state from task_instance where state not in ('success', 'failed', 'skipped')`,
    );
    expect(tasks).toEqual([]);
  }

  async function warmRunner() {
    await until(
      () => runnerProcesses(project).runs.length > 0,
      () => runnerProcesses(project),
    );
    return runnerProcesses(project);
  }

  async function sleepingRun() {
    const seconds = uniqueSeconds();
    const run = project.start(['run-dag', '--json', 'dags/sleeping.py'], {
      env: { SECONDS_TO_SLEEP: seconds },
    });
    const output = await run.waitFor((text) => text.includes('asleep'));
    const pid = Number(/"event":"started".*?"pid":(\d+)/.exec(output)?.[1]);
    return { run, pid, seconds };
  }

  async function expectNoProcess(seconds: string): Promise<void> {
    const left = () => processesWith(`sleep ${seconds}`);
    await until(() => left().length === 0, left);
  }

  const postmaster = () =>
    processesWith(`${project.root}/.devenv/postgres`).find((each) =>
      each.commandLine.includes('/bin/postgres -D'),
    );

  test('kill -9 of the preloaded process', async () => {
    process.kill((await warmRunner()).preloaded!.pid, 'SIGKILL');
    await expectRecovery();
  });

  test('kill -9 of the warm runner', async () => {
    process.kill((await warmRunner()).warm!.pid, 'SIGKILL');
    await expectRecovery();
  });

  test('kill -9 of both', async () => {
    const { preloaded, warm } = await warmRunner();
    for (const each of [warm, preloaded]) process.kill(each!.pid, 'SIGKILL');
    await expectRecovery();
  });

  test('deleting the sockets of the runner, which then ends by itself', async () => {
    const { preloaded } = await warmRunner();
    const runtime = path.join(path.dirname(project.root), 'r');
    for (const each of await readdir(runtime, { recursive: true }))
      if (each.endsWith('.sock')) await rm(path.join(runtime, each));
    await expectRecovery();
    const left = () => processesWith('preload').filter((each) => each.pid === preloaded!.pid);
    await until(() => left().length === 0, left);
  });

  test("kill -9 of Postgres' postmaster", async () => {
    process.kill(postmaster()!.pid, 'SIGKILL');
    await expectRecovery();
  });

  test("kill -9 of Postgres' postmaster in the middle of a run", async () => {
    const { run, seconds } = await sleepingRun();
    process.kill(postmaster()!.pid, 'SIGKILL');
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    await expectRecovery('sleeping failed');
    await expectNoProcess(seconds);
  });

  test('kill -9 of Postgres while a task works, which can then not be recorded', async () => {
    const go = path.join(project.root, 'go');
    const run = project.start(['run-dag', 'dags/waiting.py'], { env: { GO: go } });
    await run.waitFor((text) => text.includes('waiting'));
    process.kill(postmaster()!.pid, 'SIGKILL');
    await project.write({ go: '' });
    const result = await run.ended;
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('The database went away')]);
    await expectRecovery('waiting failed');
  });

  test('kill -9 of the command in the middle of a run', async () => {
    const { run, seconds } = await sleepingRun();
    run.kill('SIGKILL');
    await expectNoProcess(seconds);
    await until(
      async () => !(await dagRunStates(project, airflow)).includes('sleeping running'),
      () => dagRunStates(project, airflow),
    );
    await expectRecovery('sleeping failed');
  });

  test("kill -9 of the run's own process", async () => {
    const { run, pid, seconds } = await sleepingRun();
    process.kill(pid, 'SIGKILL');
    const result = await run.ended;
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('SIGKILL');
    await expectNoProcess(seconds);
    await expectRecovery('sleeping failed');
  });

  test('kill -9 of everything in the middle of a run', async () => {
    const { run, pid, seconds } = await sleepingRun();
    const { preloaded, warm } = runnerProcesses(project);
    process.kill(postmaster()!.pid, 'SIGKILL');
    for (const each of [preloaded!.pid, warm!.pid, pid]) process.kill(each, 'SIGKILL');
    run.kill('SIGKILL');
    await run.ended;
    for (const each of processesWith(`sleep ${seconds}`)) process.kill(each.pid, 'SIGKILL');
    await expectRecovery('sleeping failed');
  });

  test('a change of the settings while the runner of before gets ready', async () => {
    await project.devenv(['down', '--all']);
    await expectAGoodRun();
    const settings = `airflow: {version: ${airflow}, config: {core.parallelism: 5}}\n`;
    await project.write({ 'devenv.yaml': settings });
    history.push('good success');
    await expectRecovery();
    await warmRunner();
    const preloaded = () => {
      const all = processesWith(`preload ${path.dirname(project.root)}`);
      return all.filter((each) => !all.some((other) => other.pid === each.parent));
    };
    await until(() => preloaded().length === 1, preloaded);
  });

  test('state files that were cut off', async () => {
    for (const name of await readdir(path.join(project.root, '.devenv')))
      if (name.endsWith('.json') && name !== 'keys.json')
        await truncate(path.join(project.root, '.devenv', name), 3);
    await expectRecovery();
  });
});
