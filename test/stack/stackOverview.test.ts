import { spawn } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { runtimeDirectories, runtimeDirectory } from '../../src/platform/paths.ts';
import { overviewStacks } from '../../src/stack/stackOverview.ts';

const STACK = { status: 'ready', project: '/work/orders', services: [] };

test('a supervisor that answers is a stack', async () => {
  const folder = await temporary();
  await serve(path.join(folder, 'supervisor.sock'), (socket) => {
    socket.once('data', () => {
      socket.write(`${JSON.stringify({ v: 1, time: 0, event: 'stack', stack: STACK })}\n`);
      socket.end(`${JSON.stringify({ event: 'end', ok: true })}\n`);
    });
  });
  const [found] = await overviewStacks([folder], process.platform);
  expect(found).toMatchObject({ project: '/work/orders', stack: STACK, preloaded: [], stale: [] });
});

test('preloaded processes are told, and sockets that nobody listens to', async () => {
  const folder = await temporary();
  await serve(path.join(folder, 'r-0123456789ab.sock'), (socket) => {
    socket.once('data', () => socket.end(`${JSON.stringify({ event: 'pong' })}\n`));
  });
  await leaveSocket(path.join(folder, 'r-dead.sock'));
  await leaveSocket(path.join(folder, 'supervisor.sock'));
  const [found] = await overviewStacks([folder], process.platform);
  expect(found?.preloaded).toHaveLength(1);
  expect(found?.stale.toSorted()).toEqual(['r-dead.sock', 'supervisor.sock']);
  expect(found?.stack).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a preloaded process that does not listen yet is told', async () => {
  const folder = path.join(await temporary(), '0123456789');
  await mkdir(folder);
  const words = ['airflow_devenv', 'preload', path.join(folder, 'r-0123456789ab.sock')];
  const loading = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...words]);
  onTestFinished(() => void loading.kill('SIGKILL'));
  const look = async () => (await overviewStacks([folder], process.platform))[0]?.preloaded;
  await expect.poll(look, { timeout: 20_000 }).toEqual([{ pid: loading.pid, silent: true }]);
});

test('a supervisor that hangs up without a word is none', async () => {
  const folder = await temporary();
  await serve(path.join(folder, 'supervisor.sock'), (socket) => void socket.destroy());
  const [found] = await overviewStacks([folder], process.platform);
  expect(found?.stack).toBeUndefined();
});

test('the runtime folders of all projects are found, and no others', async () => {
  const parent = path.join(await temporary(), 'run');
  const env = { AIRFLOW_DEVENV_RUNTIME: parent };
  expect(await runtimeDirectories({ env })).toEqual([]);
  const made = [
    await runtimeDirectory({ env, platform: process.platform }, '/work/a'),
    await runtimeDirectory({ env, platform: process.platform }, '/work/b'),
  ];
  await mkdir(path.join(parent, 'something else'));
  expect(await runtimeDirectories({ env })).toEqual(made.toSorted());
});

async function serve(file: string, handler: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    handler(socket);
  });
  await new Promise<void>((resolve) => server.listen(file, resolve));
  onTestFinished(() => void server.close());
  return server;
}

/** As a process that is killed leaves it: bound, and nobody there. */
async function leaveSocket(file: string): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script, file], { stdio: 'ignore' });
  } catch {
    // It was killed, as it should be.
  }
}

async function temporary(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'devenv-'));
}
