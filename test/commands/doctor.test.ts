import { chmod, mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lookAtClock, lookAtFolder, machineChecks } from '../../src/commands/doctorMachine.ts';
import { projectChecks } from '../../src/commands/doctorProject.ts';
import { loadProject } from '../../src/config/loadProject.ts';
import type { Context } from '../../src/context.ts';
import type { CheckResult } from '../../src/ui/checkReport.ts';

type Finding = Omit<CheckResult, 'name'>;

test('a proxy that would catch requests to this machine is named', async () => {
  const proxy = { HTTP_PROXY: 'http://proxy:3128' };
  expect(await machine('proxy', proxy)).toMatchObject({
    verdict: 'warn',
    detail: expect.stringContaining('HTTP_PROXY'),
  });
  expect(await machine('proxy', { ...proxy, no_proxy: 'localhost, 127.0.0.1' })).toMatchObject({
    verdict: 'ok',
  });
  expect(await machine('proxy', {})).toMatchObject({ verdict: 'ok' });
});

test('a folder that is not there yet is looked at where it will be', async () => {
  const folder = await temporary();
  expect(await lookAtFolder(path.join(folder, 'a', 'b'))).toMatchObject({ verdict: 'ok' });
  const room = { fail: Infinity, warn: Infinity };
  expect(await lookAtFolder(folder, room)).toMatchObject({
    verdict: 'fail',
    next: [expect.stringContaining('Make room')],
  });
});

test('a clock that differs from the disk is told', async () => {
  const folder = await temporary();
  expect(await lookAtClock(folder, Date.now)).toMatchObject({ verdict: 'ok' });
  expect(await lookAtClock(folder, () => Date.now() - 60_000)).toMatchObject({
    verdict: 'warn',
    detail: 'the disk is 60 s ahead',
  });
});

test('a project that has never run is in order', async () => {
  const { root, runtime } = await emptyProject();
  for (const name of [
    'project',
    'git-ignore',
    'keys',
    'sockets',
    'database',
    'preloaded process',
    'stack',
    'leftovers',
  ]) {
    expect([name, await project(root, runtime, name)]).toEqual([
      name,
      expect.objectContaining({ verdict: 'ok' }),
    ]);
  }
});

test('keys that others may read, or that are none, fail', async () => {
  const { root, runtime } = await emptyProject();
  const file = path.join(root, '.devenv', 'keys.json');
  await mkdir(path.dirname(file));
  await writeFile(file, JSON.stringify({ version: 1, fernet: 'a', jwt: 'b', api: 'c' }));
  await chmod(file, 0o644);
  expect(await project(root, runtime, 'keys')).toMatchObject({
    verdict: 'fail',
    next: [`chmod 600 ${file}`],
  });
  await chmod(file, 0o600);
  expect(await project(root, runtime, 'keys')).toMatchObject({ verdict: 'ok' });
  await writeFile(file, 'nonsense');
  expect(await project(root, runtime, 'keys')).toMatchObject({ verdict: 'fail' });
});

test('a state folder that Git would take is told', async () => {
  const { root, runtime } = await emptyProject();
  await mkdir(path.join(root, '.devenv'));
  expect(await project(root, runtime, 'git-ignore')).toMatchObject({ verdict: 'warn' });
});

test('a path that is too long for a socket fails', async () => {
  const { root } = await emptyProject();
  const runtime = path.join(await temporary(), 'x'.repeat(90));
  await expect(project(root, runtime, 'sockets')).rejects.toMatchObject({
    code: 'runtime_directory_unusable',
  });
});

async function machine(name: string, env: Context['env']): Promise<Finding | undefined> {
  return machineChecks(context(env, '/'))
    .find((each) => each.name === name)
    ?.look();
}

async function project(root: string, runtime: string, name: string): Promise<Finding | undefined> {
  const inProject = context({ ...process.env, AIRFLOW_DEVENV_RUNTIME: runtime }, root);
  const checks = projectChecks(inProject, await loadProject(inProject));
  return checks.find((each) => each.name === name)?.look();
}

function context(env: Context['env'], workingDirectory: string): Context {
  return {
    env,
    platform: process.platform,
    workingDirectory,
    now: Date.now,
    emit: () => {},
    signal: new AbortController().signal,
  };
}

async function emptyProject(): Promise<{ root: string; runtime: string }> {
  const root = await temporary();
  await mkdir(path.join(root, 'dags'));
  await writeFile(path.join(root, 'dags', 'orders.py'), 'from airflow.sdk import dag\n');
  return { root, runtime: path.join(await temporary(), 'run') };
}

async function temporary(): Promise<string> {
  return realpath(await mkdtemp(path.join(tmpdir(), 'devenv-')));
}
