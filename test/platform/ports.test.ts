import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { choosePort, describeHolder, portState } from '../../src/platform/ports.ts';

const servers: Server[] = [];

afterEach(async () => {
  const closing = servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)));
  await Promise.all(closing);
});

test('a port that nobody listens on is free', async () => {
  const port = await listen('127.0.0.1');
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await portState(port)).toEqual({ state: 'free' });
});

test.for(['127.0.0.1', '0.0.0.0', '::', '::1'])('a listener on %s is seen and named', async (host) => {
  const port = await listen(host);
  const state = await portState(port);
  expect(state).toMatchObject({ state: 'taken', holder: { pid: process.pid } });
});

test('looking leaves the port as it was', async () => {
  const { port } = await choosePort(21_000);
  expect(await portState(port)).toEqual({ state: 'free' });
  expect(await portState(port)).toEqual({ state: 'free' });
});

test('the next free port is chosen, and what was passed over is told', async () => {
  const taken = await listen('127.0.0.1');
  const chosen = await choosePort(taken);
  expect(chosen.port).toBeGreaterThan(taken);
  expect(chosen.passedOver[0]).toMatchObject({ port: taken, state: { state: 'taken' } });
  expect(await portState(chosen.port)).toEqual({ state: 'free' });
});

test('a promised port is left alone', async () => {
  const { port } = await choosePort(21_100);
  expect((await choosePort(port, new Set([port]))).port).not.toBe(port);
});

test('the preferred port is chosen also at the end of the range', async () => {
  expect((await choosePort(65_535)).port).toBeGreaterThan(0);
});

test('a holder is told in words, however little is known of it', () => {
  expect(describeHolder({ pid: 4711, command: 'node server.js' })).toBe('node server.js (pid 4711)');
  expect(describeHolder({ pid: undefined, command: undefined })).toBe('a program of another user');
  expect(describeHolder(undefined)).toBe('another program');
});

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, resolve);
  });
  return (server.address() as AddressInfo).port;
}
