import { mkdtemp, rm } from 'node:fs/promises';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listenUnix } from '../../src/platform/unixSocket.ts';
import { connectToPreload } from '../../src/runtimes/forkedServices.ts';
import type { Launch } from '../../src/runtimes/runtime.ts';

const LAUNCH: Launch = {
  service: 'scheduler',
  environment: { A: '1' },
  importPaths: ['/repo'],
  pluginsFolders: [],
  logSocket: '/run/logs.sock',
};
const NO_PID = 2 ** 22 + 1;
const NEVER = new AbortController().signal;

/** A preloaded process that greets and answers as the test says. */
async function setUp(answer: (order: { id: number }, socket: net.Socket) => void) {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-control-'));
  const socketPath = path.join(directory, 's.sock');
  const sockets: net.Socket[] = [];
  const orders: unknown[] = [];
  const server = await listenUnix(socketPath, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write('{"event":"hello","v":1,"pid":77,"services":[]}\n');
    socket.on('data', (data) => {
      const order = JSON.parse(String(data)) as { id: number };
      orders.push(order);
      answer(order, socket);
    });
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  const launcher = await connectToPreload(socketPath, process.platform, NEVER);
  if (launcher === undefined) throw new Error('not greeted');
  return { launcher, orders, sockets };
}

test('a service is forked with everything it needs, and its end is told', async () => {
  const { launcher, orders } = await setUp((order, socket) => {
    socket.write(`${JSON.stringify({ event: 'forked', id: order.id, pid: NO_PID })}\n`);
    socket.write(`${JSON.stringify({ event: 'exited', pid: NO_PID, code: null, signal: 'SIGKILL' })}\n`);
  });
  expect(launcher.preloadPid).toBe(77);
  const started = await launcher.launch(LAUNCH);
  expect(await started.ended).toEqual({ code: undefined, signal: 'SIGKILL' });
  expect(orders).toMatchObject([
    { kind: 'fork', service: 'scheduler', environment: { A: '1' }, import_paths: ['/repo'], port: null },
  ]);
});

test('a service that can not be forked says why', async () => {
  const { launcher } = await setUp((order, socket) => {
    socket.write(`${JSON.stringify({ event: 'failed', id: order.id, what: 'no module named x' })}\n`);
  });
  await expect(launcher.launch(LAUNCH)).rejects.toMatchObject({
    code: 'service_not_forked',
    why: 'no module named x',
  });
});

test('when the preloaded process goes, what was asked of it fails and what ran has ended', async () => {
  const { launcher, sockets } = await setUp((order, socket) => {
    if (order.id === 1) socket.write(`${JSON.stringify({ event: 'forked', id: 1, pid: NO_PID })}\n`);
    else for (const each of sockets) each.destroy();
  });
  const first = await launcher.launch(LAUNCH);
  await expect(launcher.launch(LAUNCH)).rejects.toMatchObject({ code: 'preload_ended' });
  expect(await first.ended).toHaveProperty('signal');
  await launcher.lost;
  await expect(launcher.launch(LAUNCH)).rejects.toMatchObject({ code: 'preload_ended' });
});

test('nobody there is no launcher', async () => {
  expect(await connectToPreload('/nonexistent/s.sock', process.platform, NEVER)).toBeUndefined();
});

test('one that accepts and says nothing is waited for only as long as somebody wants it', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-control-'));
  const controller = new AbortController();
  const server = await listenUnix(path.join(directory, 's.sock'), () => controller.abort());
  onTestFinished(async () => {
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  const socketPath = path.join(directory, 's.sock');
  expect(await connectToPreload(socketPath, process.platform, controller.signal)).toBeUndefined();
});
