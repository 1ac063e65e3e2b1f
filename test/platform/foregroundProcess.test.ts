import { expect, test } from 'vitest';
import type { InterruptSignal } from '../../src/context.ts';
import { runInForeground } from '../../src/platform/foregroundProcess.ts';

function run(script: string, options: { sharesTerminal?: boolean; signal?: InterruptSignal } = {}) {
  return runInForeground('/bin/sh', ['-c', script], {
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    sharesTerminal: options.sharesTerminal ?? false,
    onInterrupt: (listener) => {
      const timer = setTimeout(() => {
        if (options.signal !== undefined) listener(options.signal, 1);
      }, 200);
      return () => clearTimeout(timer);
    },
  });
}

test("the exit code is the child's", async () => {
  expect(await run('exit 7')).toBe(7);
});

test('a signal that ended it becomes 128 and its number', async () => {
  expect(await run('kill -9 $$')).toBe(137);
});

test('signals are passed on', async () => {
  expect(await run('trap "exit 9" TERM; sleep 5 & wait', { signal: 'SIGTERM' })).toBe(9);
});

test('Ctrl+C of a terminal that the child has too is not sent a second time', async () => {
  expect(await run('trap "exit 9" INT; sleep 0.6; exit 3', { signal: 'SIGINT', sharesTerminal: true })).toBe(
    3,
  );
});

test('a program that does not exist is named', async () => {
  const running = runInForeground('no-such-program', [], {
    env: { PATH: '/usr/bin' },
    cwd: '/',
    sharesTerminal: false,
    onInterrupt: () => () => {},
  });
  await expect(running).rejects.toMatchObject({ code: 'command_not_found', misuse: true });
});
