import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDebugTerminal } from '../../src/dagruns/debugTerminal.ts';
import { connectUnix } from '../../src/platform/unixSocket.ts';

test('a task talks to the terminal by a socket of the owner’s, which is gone afterwards', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-debug-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const terminal = await openDebugTerminal(folder, async (conversation) => {
    conversation.write('hello');
    await once(conversation, 'data');
  });
  expect((await stat(terminal.socket)).mode & 0o777).toBe(0o600);
  const task = await connectUnix(terminal.socket);
  expect(String((await once(task!, 'data'))[0])).toBe('hello');
  task!.resume();
  task!.write('bye');
  await once(task!, 'close');
  await terminal.close();
  expect(existsSync(terminal.socket)).toBe(false);
});

test('what is still being said ends with the command', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-debug-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const terminal = await openDebugTerminal(folder, async (conversation) => {
    await once(conversation, 'close');
  });
  const task = await connectUnix(terminal.socket);
  task!.resume();
  const closed = once(task!, 'close');
  await terminal.close();
  await closed;
});
