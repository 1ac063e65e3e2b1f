import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { portState } from '../../src/platform/ports.ts';
import { queryDatabase, runnerProcesses, until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, type TestProject } from './support/project.ts';
import { apiOf, findStack, service, stackOf, tracesOf, triggerToEnd, up } from './support/stack.ts';

const DAG = `
import datetime
from airflow.decorators import dag, task
try:
    from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
except ImportError:
    from airflow.sensors.date_time import DateTimeSensorAsync

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def flow():
    @task
    def numbers():
        return [1, 2, 3]

    @task
    def double(number):
        return number * 2

    @task
    def total(found):
        print("the total is", sum(found))
        return sum(found)

    soon = "{{ macros.datetime.utcnow() + macros.timedelta(seconds=1) }}"
    wait = DateTimeSensorAsync(task_id="wait", target_time=soon)
    wait >> total(double.expand(number=numbers()))

flow()
`;

describe.each(AIRFLOW_LINES)('the stack of Airflow %s', (airflow) => {
  test('is started, runs DAGs with scheduler and triggerer, and is stopped without a trace', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const stack = await up(project);
    expect(stack).toMatchObject({ status: 'ready', airflowVersion: airflow });
    for (const name of ['postgres', 'preload', 'scheduler', 'dag-processor', 'triggerer', 'api-server']) {
      expect(service(stack, name)).toMatchObject({ status: 'ready', restarts: 0 });
    }

    const api = await apiOf(project, airflow);
    const run = await triggerToEnd(api, 'flow');
    const tasks = await api.taskInstances(run);
    expect(run.state, JSON.stringify(tasks)).toBe('success');
    expect(tasks.map((each) => `${each.taskId} ${each.mapIndex} ${each.state}`).toSorted()).toEqual([
      'double 0 success',
      'double 1 success',
      'double 2 success',
      'numbers -1 success',
      'total -1 success',
      'wait -1 success',
    ]);
    const total = tasks.find((each) => each.taskId === 'total')!;
    expect((await api.taskLog(total)).join('\n')).toContain('the total is 12');
    expect(await api.xcoms(total)).toContainEqual({ key: 'return_value', value: '12' });

    // Of a library of ours that complains, say: what runs by itself has nothing to tell.
    const ownLog = await readFile(path.join(project.root, '.devenv/logs/supervisor.log'), 'utf8');
    expect(ownLog).not.toMatch(/deprecat|unhandled|internal_error/i);

    const port = Number(new URL(stack.url!).port);
    const down = await project.devenv(['down']);
    expect(down.code, down.stderr).toBe(0);
    const { preloaded } = runnerProcesses(project);
    expect(preloaded?.pid).toBe(stack.preloadPid);
    const left = tracesOf(project);
    const family = left.filter((each) => !each.command.includes('preload'));
    expect(family, 'only the preloaded process and its own stay').toEqual([]);
    expect(await portState(port)).toEqual({ state: 'free' });
    expect(await findStack(project)).toBeUndefined();

    expect((await project.devenv(['down', '--all'])).code).toBe(0);
    expect(tracesOf(project)).toEqual([]);
    const runtime = path.join(path.dirname(project.root), 'r');
    const sockets = (await readdir(runtime, { recursive: true })).filter((name) =>
      /\.sock$|PGSQL/.test(name),
    );
    expect(sockets).toEqual([]);
  });

  test('keeps its address and its history over a restart', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const first = await up(project);
    await triggerToEnd(await apiOf(project, airflow), 'flow');
    await project.devenv(['down']);
    const second = await up(project);
    expect(second.url).toBe(first.url);
    expect(second.preloadPid).toBe(first.preloadPid);
    expect(await (await apiOf(project, airflow)).dagRuns('flow', 5)).toHaveLength(1);
  });

  test('starts its services by themselves where it must not fork', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const stack = await up(project, ['--no-fork']);
    expect(stack.services.map((each) => each.name)).not.toContain('preload');
    expect((await triggerToEnd(await apiOf(project, airflow), 'flow')).state).toBe('success');
    await project.devenv(['down', '--all']);
    expect(tracesOf(project)).toEqual([]);
  });

  test('works on SQLite', async () => {
    await using project = await createProject({
      airflow,
      database: 'sqlite',
      files: { 'dags/flow.py': DAG },
    });
    const stack = await up(project);
    expect(stack.services.map((each) => each.name)).not.toContain('postgres');
    expect((await triggerToEnd(await apiOf(project, airflow), 'flow')).state).toBe('success');
  });
});

describe('the workers of Airflow 2.11.2', () => {
  const airflow = '2.11.2';

  test('warm up before there is a task, and leave nothing of it', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    await up(project);
    await untilLogged(project, 'The workers are warm.');
    expect((await triggerToEnd(await apiOf(project, airflow), 'flow')).state).toBe('success');
    for (const table of ['dag', 'dag_run', 'task_instance', 'log'])
      expect(
        await queryDatabase(project, airflow, `select dag_id from ${table} where dag_id like 'devenv%'`),
      ).toEqual([]);
    expect(
      await queryDatabase(project, airflow, `select datname from pg_database where datname like '%warm_up%'`),
    ).toEqual([]);
    const logs = await readdir(path.join(project.root, '.devenv/airflow/logs'));
    expect(logs).toContain('dag_id=flow');
    expect(logs.filter((name) => name.includes('warm'))).toEqual([]);
  });

  test('stay cold where a plugin would hear of it', async () => {
    const listener = `
from pathlib import Path
import sys
from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

@hookimpl
def on_task_instance_running(previous_state, task_instance, session):
    with open(Path(__file__).parent.parent / "heard", "a") as file:
        print(task_instance.dag_id, task_instance.task_id, file=file)

class Listens(AirflowPlugin):
    name = "listens"
    listeners = [sys.modules[__name__]]
`;
    await using project = await createProject({
      airflow,
      files: { 'dags/flow.py': DAG, 'plugins/listens.py': listener },
    });
    await up(project);
    await untilLogged(project, 'The workers stay cold, as a listener of a plugin would hear');
    expect((await triggerToEnd(await apiOf(project, airflow), 'flow')).state).toBe('success');
    const heard = await readFile(path.join(project.root, 'heard'), 'utf8');
    expect(
      new Set(
        heard
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[0]),
      ),
    ).toEqual(new Set(['flow']));
  });
});

async function untilLogged(project: TestProject, words: string): Promise<void> {
  const logged = async (): Promise<string> =>
    (await project.devenv(['logs', 'scheduler', '--lines', '200'])).stdout;
  await until(async () => (await logged()).includes(words), logged);
}

// What the supervisor does is the same for both lines.
describe('a stack', () => {
  const airflow = '3.3.2';

  test('starts only what was asked for and what that needs', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const stack = await up(project, ['scheduler']);
    expect(service(stack, 'scheduler').status).toBe('ready');
    expect(service(stack, 'triggerer').status).toBe('stopped');
    expect(service(stack, 'api-server').status).toBe('stopped');
    const all = await up(project);
    expect(service(all, 'scheduler').pid).toBe(service(stack, 'scheduler').pid);
    expect(service(all, 'api-server').status).toBe('ready');
  });

  test('restarts one service and leaves the others alone', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const before = await up(project);
    const result = await project.devenv(['restart', 'triggerer', '--plain']);
    expect(result.code, result.stderr).toBe(0);
    const after = await stackOf(project);
    expect(service(after, 'triggerer').pid).not.toBe(service(before, 'triggerer').pid);
    expect(service(after, 'triggerer').restarts).toBe(0);
    expect(service(after, 'scheduler').pid).toBe(service(before, 'scheduler').pid);
  });

  test('says at once what a service that can not start has said, and leaves nothing running', async () => {
    await using project = await createProject({
      airflow,
      files: { 'dags/flow.py': DAG },
    });
    const env = { AIRFLOW__CORE__EXECUTOR: 'no.such.Executor' };
    const result = await project.devenv(['up', '-d', '--plain'], { env, timeout: 240_000 });
    expect(result.code).toBe(1);
    // The first that finds out: 2.11 asks for the executor everywhere.
    const [, name = ''] = /error: (\S+) does not run/.exec(result.stderr) ?? [];
    expect(name, result.stderr).not.toBe('');
    expect(result.stderr).toContain('no.such');
    expect(result.stderr).toContain(`devenv logs ${name}`);
    expect(await findStack(project)).toBeUndefined();
    const kept = await project.devenv(['up', '-d', '--plain', '--keep-failed'], { env, timeout: 240_000 });
    expect(kept.code).toBe(1);
    expect((await stackOf(project)).status).toBe('failed');
    expect(service(await stackOf(project), 'postgres').status).toBe('ready');
  });

  test('is started anew by up when devenv.yaml has changed, and only then', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const before = await up(project);
    expect(service(await up(project), 'scheduler').pid).toBe(service(before, 'scheduler').pid);
    await project.write({
      'devenv.yaml': `airflow: {version: ${airflow}, env: {AIRFLOW_VAR_REGION: north}}\n`,
    });
    const after = await up(project);
    expect(after.pid).not.toBe(before.pid);
    expect(after.url).toBe(before.url);
  });

  test('is not started by --dry-run, which prints the plan', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const result = await project.devenv(['up', '--dry-run']);
    expect(result.code).toBe(0);
    expect(`${result.stdout}${result.stderr}`).toContain('start  scheduler, after migrate completed');
    expect(tracesOf(project)).toEqual([]);
    await expect(stat(path.join(project.root, '.devenv', 'stack.json'))).rejects.toThrow('ENOENT');
  });

  test('leaves a stop that hangs at the second Ctrl+C; the stop goes on', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const started = project.start(['up', '-d', '--plain'], { timeout: 240_000 });
    await started.waitFor((output) => output.includes('postgres ready'));
    const { pid } = await stackOf(project);
    process.kill(pid, 'SIGSTOP');
    try {
      started.kill('SIGINT');
      await started.waitFor((output) => output.includes('press Ctrl+C again'));
      started.kill('SIGINT');
      expect((await started.ended).code).toBe(130);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until(
      async () => (await findStack(project)) === undefined,
      () => findStack(project),
    );
    await project.devenv(['down', '--all']);
    expect(tracesOf(project)).toEqual([]);
  });

  test('is stopped by Ctrl+C while it starts', async () => {
    await using project = await createProject({ airflow, files: { 'dags/flow.py': DAG } });
    const started = project.start(['up', '-d', '--plain'], { timeout: 240_000 });
    await started.waitFor((output) => output.includes('postgres ready'));
    started.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
    await until(
      async () => (await findStack(project)) === undefined,
      () => findStack(project),
    );
    await project.devenv(['down', '--all']);
    expect(tracesOf(project)).toEqual([]);
  });
});
