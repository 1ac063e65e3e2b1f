import net from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/dagruns/events.ts';
import { connectToRunner } from '../../src/dagruns/runConnection.ts';
import { readJsonLines } from '../../src/platform/jsonLines.ts';

async function read(chunks: AsyncIterable<Buffer>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of readJsonLines<RunEvent>(chunks)) events.push(event);
  return events;
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const EVENTS: RunEvent[] = [
  { v: 1, t: 1, event: 'log', level: 'output', text: 'größer — 日本' },
  { v: 1, t: 2, event: 'exit', code: 0 },
];
const LINES = `${EVENTS.map((each) => JSON.stringify(each)).join('\n')}\n`;

test.each([1, 2, 3, 7, 1000])(
  'events survive chunks of %i bytes, also in the middle of a character',
  async (size) => {
    expect(await read(chunksOf(Buffer.from(LINES), size))).toEqual(EVENTS);
  },
);

test('a last line that was cut off is dropped, and empty lines are nothing', async () => {
  expect(await read(chunksOf(Buffer.from(`\n${LINES}{"v":1,"event":"ex`), 10))).toEqual(EVENTS);
});

test('a connection that was reset ends the events; other errors are told', async () => {
  async function* failing(code: string): AsyncGenerator<Buffer> {
    yield Buffer.from(LINES);
    throw Object.assign(new Error('broken'), { code });
  }
  expect(await read(failing('ECONNRESET'))).toEqual(EVENTS);
  await expect(read(failing('EIO'))).rejects.toThrow('broken');
});

test('nobody listens: there is no file, or one that a killed process left', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-socket-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const socket = path.join(folder, 'r.sock');
  expect(await connectToRunner(socket, {})).toBeUndefined();
  const server = net.createServer().listen(socket);
  await new Promise((resolve) => server.once('listening', resolve));
  // As after a kill: the file stays.
  const kept = path.join(folder, 'kept.sock');
  const { link } = await import('node:fs/promises');
  await link(socket, kept);
  await new Promise((resolve) => server.close(resolve));
  expect(await connectToRunner(kept, {})).toBeUndefined();
});

test('request and cancellation are lines of JSON', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-socket-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const server = net.createServer().listen(path.join(folder, 'r.sock'));
  await new Promise((resolve) => server.once('listening', resolve));
  const received = new Promise<string>((resolve) => {
    server.once('connection', (client) => {
      let text = '';
      client.on('data', (data) => (text += data.toString()));
      client.on('close', () => resolve(text));
    });
  });
  const connection = await connectToRunner(path.join(folder, 'r.sock'), { kind: 'run', conf: { a: 'ß' } });
  connection?.cancel('graceful');
  connection?.cancel('force');
  setImmediate(() => connection?.close());
  expect(await received).toBe('{"kind":"run","conf":{"a":"ß"}}\n{"cancel":"graceful"}\n{"cancel":"force"}\n');
  server.close();
});
