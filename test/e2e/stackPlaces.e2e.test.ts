import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processStartTime } from '../../src/platform/processIdentity.ts';
import { until } from './support/inspect.ts';
import { createProject, type TestProject } from './support/project.ts';
import { apiOf, service, stackOf, triggerToEnd, up } from './support/stack.ts';

const DAG = `
import datetime
from airflow.decorators import dag, task

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def one():
    @task
    def answer():
        return 42

    answer()

one()
`;

const FILES = { 'dags/one.py': DAG };

async function project(airflow: '3.3.2' | '2.11.2', name = 'project'): Promise<TestProject> {
  return createProject({ airflow, files: FILES, name });
}

test('several projects, of both lines, are up at once and do not meet', async () => {
  await using first = await project('3.3.2');
  await using second = await project('3.3.2');
  await using third = await project('2.11.2');
  const stacks = [await up(first), await up(second), await up(third)];
  expect(new Set(stacks.map((each) => each.url)).size).toBe(3);
  for (const [each, airflow] of [
    [first, '3.3.2'],
    [second, '3.3.2'],
    [third, '2.11.2'],
  ] as const) {
    const api = await apiOf(each, airflow);
    expect((await triggerToEnd(api, 'one')).state).toBe('success');
    expect(await api.dagRuns('one', 10)).toHaveLength(1);
  }
  // Each of the three has a runtime folder of its own here; \`list\` sees the one it is asked in.
  const listed = await first.devenv(['list', '--json']);
  expect(listed.stdout).toContain(first.root);
});

test('the default port is left to whoever has it, who is named, and the chosen one is kept', async () => {
  await using one = await createProject({ airflow: '3.3.2', files: FILES, usesDefaultPort: true });
  const foreign = net.createServer();
  const taken = await new Promise<boolean>((resolve) => {
    foreign.once('error', () => resolve(false));
    foreign.listen(8080, '127.0.0.1', () => resolve(true));
  });
  onTestFinished(() => void foreign.close());
  const result = await one.devenv(['up', '-d', '--plain'], { timeout: 240_000 });
  expect(result.code, result.stderr).toBe(0);
  expect(result.stderr).toMatch(/Port 8080 is taken by .*; this stack uses 80\d\d\./);
  if (taken) expect(result.stderr).toContain(`pid ${process.pid}`);
  const { url } = await stackOf(one);
  await one.devenv(['down']);
  foreign.close();
  expect((await up(one)).url).toBe(url);
});

test('a port that somebody takes in the middle of the start is left to them', async () => {
  await using one = await project('3.3.2');
  const started = one.start(['up', '-d', '--plain'], { timeout: 240_000 });
  await started.waitFor((output) => output.includes('postgres ready'));
  const ports = JSON.parse(await readFile(path.join(one.root, '.devenv', 'ports.json'), 'utf8')) as {
    api: number;
  };
  const foreign = net.createServer();
  await new Promise<void>((resolve) => foreign.listen(ports.api, '127.0.0.1', resolve));
  onTestFinished(() => void foreign.close());
  await started.ended;
  await until(
    async () => (await stackOf(one)).status === 'ready',
    () => stackOf(one),
    60_000,
  );
  expect((await stackOf(one)).url).not.toContain(`:${ports.api}`);
  expect((await triggerToEnd(await apiOf(one, '3.3.2'), 'one')).state).toBe('success');
});

test('a port that was asked for and is taken ends it, with the holder', async () => {
  await using one = await project('3.3.2');
  const foreign = net.createServer();
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void foreign.close());
  const { port } = foreign.address() as net.AddressInfo;
  const result = await one.devenv(['up', '-d', '--port', String(port)], { timeout: 240_000 });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(`Port ${port} can't be used.`);
  expect(result.stderr).toContain(String(process.pid));
});

test.each(['with spaces and ünïcode 🐘', 'long'.repeat(40)])(
  'a project in a folder called %s is like any other',
  async (name) => {
    await using one = await project('3.3.2', name);
    await up(one);
    expect((await triggerToEnd(await apiOf(one, '3.3.2'), 'one')).state).toBe('success');
  },
);

test('a stack whose project is removed ends, and nothing of it comes back', async () => {
  await using one = await createProject({ airflow: '3.3.2', files: FILES });
  await writeFile(path.join(one.root, 'devenv.yaml'), 'airflow: {version: 3.3.2}\nhdfs: {}\n');
  const stack = await up(one);
  const pids = [stack.pid, ...stack.services.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))];
  await rm(one.root, { recursive: true, force: true, maxRetries: 5 });
  const left = async () => {
    const alive = await Promise.all(pids.map(async (pid) => (await processStartTime(pid)) !== undefined));
    return pids.filter((_, index) => alive[index]);
  };
  await until(async () => (await left()).length === 0, left, 30_000);
  expect(await stat(one.root).catch(() => undefined)).toBeUndefined();
  // What the test leaves is looked for from there.
  await mkdir(one.root);
});

test('a home folder that can not be written is not needed', async () => {
  await using one = await project('3.3.2');
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-home-')));
  onTestFinished(async () => {
    await chmod(home, 0o700);
    await rm(home, { recursive: true, force: true });
  });
  await chmod(home, 0o500);
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(process.env['HOME'] ?? '', '.cache');
  const env = { HOME: home, XDG_CACHE_HOME: cache };
  const result = await one.devenv(['up', '-d', '--plain'], { env, timeout: 240_000 });
  expect(result.code, result.stderr).toBe(0);
});

test('a log folder that can not be written costs the files, not the stack', async () => {
  await using one = await project('3.3.2');
  await up(one);
  await one.devenv(['down']);
  // A folder in the place of the file fails for root, too, whom no permission stops.
  const file = path.join(one.root, '.devenv', 'logs', 'scheduler.log');
  await rm(file, { force: true });
  await mkdir(file);
  const stack = await up(one);
  expect(service(stack, 'scheduler').status).toBe('ready');
  await until(
    async () => (await one.devenv(['logs', 'scheduler', '--lines', '50'])).stdout.length > 0,
    async () => one.devenv(['logs', 'scheduler']),
  );
  expect((await triggerToEnd(await apiOf(one, '3.3.2'), 'one')).state).toBe('success');
});

test('a disk that is full costs the log files, not the stack, and that is said', async () => {
  await using one = await project('3.3.2');
  await up(one);
  await one.devenv(['down', '--all']);
  const logs = path.join(one.root, '.devenv', 'logs');
  for (const name of ['scheduler', 'dag-processor', 'triggerer', 'api-server', 'preload', 'migrate']) {
    const file = path.join(logs, `${name}.log`);
    await rm(file, { force: true });
    // Whatever is written there finds no space left on the device.
    await symlink('/dev/full', file);
  }
  const stack = await up(one);
  expect(service(stack, 'scheduler').status).toBe('ready');
  expect((await triggerToEnd(await apiOf(one, '3.3.2'), 'one')).state).toBe('success');
  expect((await one.devenv(['logs', 'scheduler', '--lines', '50'])).stdout).not.toBe('');
  const started = one.start(['restart', 'scheduler', '--plain'], { timeout: 120_000 });
  expect((await started.ended).code).toBe(0);
});
