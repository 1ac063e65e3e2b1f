import { mkdtemp, rm, stat } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import { connectToSupervisor, supervisorSocket } from '../../src/stack/connection.ts';
import type { StackEvent } from '../../src/stack/events.ts';
import type { StackRequest } from '../../src/stack/protocol.ts';
import { serveRequests, type Answer } from '../../src/stack/supervisorServer.ts';

async function setUp(handle: (request: StackRequest, answer: Answer) => Promise<void>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-supervisor-'));
  const close = await serveRequests(supervisorSocket(directory), handle);
  onTestFinished(async () => {
    close();
    await rm(directory, { recursive: true, force: true });
  });
  const connection = await connectToSupervisor(directory);
  if (connection === undefined) throw new Error('nobody listens');
  return { directory, connection, close };
}

async function all(events: AsyncIterable<StackEvent>): Promise<StackEvent[]> {
  const found: StackEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

test('the socket is for this user alone', async () => {
  const { directory } = await setUp(async () => {});
  expect((await stat(supervisorSocket(directory))).mode & 0o777).toBe(0o600);
});

test('a request gets its events, and then the end', async () => {
  const { connection } = await setUp(async (request, answer) => {
    answer.send({ event: 'log', sequence: 1, service: request.kind, text: 'größe' });
  });
  const events = await all(connection.request({ kind: 'status' }));
  expect(events).toMatchObject([{ v: 1, event: 'log', service: 'status', text: 'größe' }]);
});

test('what the supervisor throws is thrown here', async () => {
  const { connection } = await setUp(async () => {
    throw new DevenvError({ code: 'service_failed', what: 'It failed.', next: ['Look.'], misuse: true });
  });
  await expect(all(connection.request({ kind: 'status' }))).rejects.toMatchObject({
    code: 'service_failed',
    next: ['Look.'],
    misuse: true,
  });
});

test('a bug of the supervisor is told as one', async () => {
  const { connection } = await setUp(async () => {
    throw new TypeError('x is not a function');
  });
  await expect(all(connection.request({ kind: 'status' }))).rejects.toMatchObject({ code: 'supervisor_bug' });
});

test('a supervisor that goes away in the middle is noticed', async () => {
  const { connection, close } = await setUp(
    (_request, answer) => new Promise((resolve) => answer.signal.addEventListener('abort', () => resolve())),
  );
  const events = all(connection.request({ kind: 'subscribe', logs: true }));
  await expect.poll(() => close()).toBeUndefined();
  await expect(events).rejects.toMatchObject({ code: 'supervisor_gone' });
});

test('a client that aborts ends its request', async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const { connection } = await setUp(
    (_request, answer) =>
      new Promise((resolve) => {
        asked.resolve();
        answer.signal.addEventListener('abort', () => {
          gone.resolve();
          resolve();
        });
      }),
  );
  const controller = new AbortController();
  const events = all(connection.request({ kind: 'subscribe', logs: false }, controller.signal));
  await asked.promise;
  controller.abort(new Error('enough'));
  await expect(events).rejects.toThrow('enough');
  await gone.promise;
});

test('what is no JSON is answered, not a crash', async () => {
  const { directory } = await setUp(async () => {});
  const socket = net.connect(supervisorSocket(directory));
  socket.write('GET / HTTP/1.1\n');
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  expect(JSON.parse(answer)).toMatchObject({ event: 'end', ok: false });
});

test('without a supervisor there is no connection', async () => {
  expect(await connectToSupervisor('/nonexistent')).toBeUndefined();
});

test.each([
  ['a line without end', Buffer.alloc(20 * 1024 * 1024, 'x'), ''],
  ['what is no JSON', Buffer.from('[[[[\n'), 'supervisor_bug'],
])('%s ends its own connection only', async (_, bytes, answer) => {
  const { directory, connection } = await setUp(async (request, { send }) => {
    send({ event: 'log', sequence: 1, service: request.kind, text: '' });
  });
  const socket = net.connect(supervisorSocket(directory));
  let received = '';
  socket.on('data', (chunk) => (received += String(chunk))).on('error', () => {});
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(received).toContain(answer);
  expect(await all(connection.request({ kind: 'status' }))).toHaveLength(1);
});
