import { once } from 'node:events';
import net from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { debugOnTerminal } from '../../src/ui/debugOnTerminal.ts';

/** Both ends of a connection. */
async function connection(): Promise<readonly [net.Socket, net.Socket]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'devenv-debug-'));
  const server = net.createServer({ allowHalfOpen: true });
  server.listen(path.join(folder, 's'));
  await once(server, 'listening');
  const far = net.connect({ path: path.join(folder, 's'), allowHalfOpen: true });
  const [near] = (await once(server, 'connection')) as [net.Socket];
  onTestFinished(async () => {
    near.destroy();
    far.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  return [near, far];
}

function terminal() {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  stderr.setEncoding('utf8');
  const streams = { stdin, stderr } as unknown as Parameters<typeof debugOnTerminal>[0];
  return { stdin, stderr, streams };
}

test('lines go one way and what the debugger prints the other, harmless for the terminal', async () => {
  const [near, far] = await connection();
  const { stdin, stderr, streams } = terminal();
  const talk = debugOnTerminal(streams, near);
  far.write('(Pdb) ');
  expect((await once(stderr, 'data'))[0]).toBe('(Pdb) ');
  stdin.write('name\n');
  expect(String((await once(far, 'data'))[0])).toBe('name\n');
  far.write('\u001B]0;x\u0007');
  expect((await once(stderr, 'data'))[0]).toBe(String.raw`\u001b]0;x\u0007`);
  far.end();
  await talk;
  expect(stdin.isPaused()).toBe(true);
});

test('the end of what is typed is the end of the debugger’s input', async () => {
  const [near, far] = await connection();
  const { stdin, streams } = terminal();
  const talk = debugOnTerminal(streams, near);
  far.resume();
  stdin.end();
  await once(far, 'end');
  far.end();
  await talk;
});
