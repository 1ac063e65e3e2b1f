import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { POSTGRES_PORT } from '../../src/database/describeDatabase.ts';
import { withConnection } from '../../src/database/sql.ts';
import { DevenvError } from '../../src/errors.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'devenv-sql-'));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function ask(): Promise<unknown> {
  return withConnection(folder, 'airflow', (query) => query('select 1')).catch((error: unknown) => error);
}

test('a server that nobody started, or that was killed, is said in words', async () => {
  const error = await ask();
  expect(error).toBeInstanceOf(DevenvError);
  expect(error).toMatchObject({ code: 'postgres_gone', why: expect.stringContaining('ENOENT') });
});

test('a server that goes while it is asked is said in words', async () => {
  await listen((socket) => {
    socket.once('data', () => {
      // Authentication is not asked for; ready for a query; which kills it.
      socket.write(Buffer.from('5200000008000000005a0000000549', 'hex'));
      socket.once('data', () => socket.destroy());
    });
  });
  expect(await ask()).toMatchObject({ code: 'postgres_gone' });
});

test('a server that is being stopped is said in words, and what is wrong with a statement stays as it is', async () => {
  await listen((socket) => socket.once('data', () => socket.end(errorMessage('57P03', 'shutting down'))));
  expect(await ask()).toMatchObject({ code: 'postgres_gone', why: 'shutting down.' });
  server?.close();
  await rm(path.join(folder, `.s.PGSQL.${POSTGRES_PORT}`), { force: true });
  await listen((socket) => socket.once('data', () => socket.end(errorMessage('3D000', 'no such database'))));
  expect(await ask()).toMatchObject({ code: '3D000' });
});

async function listen(answer: (socket: Socket) => void): Promise<void> {
  const listening = createServer((socket) => {
    socket.on('error', () => {});
    answer(socket);
  });
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(path.join(folder, `.s.PGSQL.${POSTGRES_PORT}`), resolve);
  });
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: ErrorResponse. */
function errorMessage(code: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${text}\0\0`);
  const head = Buffer.from('E0000');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
