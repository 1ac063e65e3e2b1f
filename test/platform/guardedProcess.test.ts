import { once } from 'node:events';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { InterruptSignal } from '../../src/context.ts';
import { runGuarded } from '../../src/platform/guardedProcess.ts';
import { processStartTime } from '../../src/platform/processIdentity.ts';

const WORKER = path.join(import.meta.dirname, 'guardedWorker.ts');

test('exit codes pass through, and both streams stay apart', async () => {
  const { code, stdout, stderr } = await run(['/bin/sh', '-c', 'echo out; echo err >&2; exit 3']).result;
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('a program that is killed ends with 128 and the number of the signal', async () => {
  expect((await run(['/bin/sh', '-c', 'kill -KILL $$']).result).code).toBe(137);
});

test('a signal is passed on, and the program’s own exit code comes back', async () => {
  const started = run(['/bin/sh', '-c', 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done']);
  await started.printed('ready');
  started.interrupt('SIGTERM');
  expect((await started.result).code).toBe(7);
});

test('who does not listen is killed after the grace, with all it has started', async () => {
  const started = run(['/bin/sh', '-c', 'trap "" TERM; sleep 300 & echo $!; wait']);
  const pid = Number(await started.printed(/(\d+)\n/));
  started.interrupt('SIGTERM');
  expect((await started.result).code).toBe(137);
  await gone(pid);
});

test('a second signal does not wait', async () => {
  const started = run(['/bin/sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], 60_000);
  await started.printed('ready');
  started.interrupt('SIGTERM');
  started.interrupt('SIGTERM');
  expect((await started.result).code).toBe(137);
});

test('nothing is left when we are killed ourselves', async () => {
  const worker = spawn(process.execPath, [WORKER], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  worker.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  while (!/child \d+\n/.test(printed)) await once(worker.stdout, 'data');
  const child = Number(/child (\d+)/.exec(printed)?.[1]);
  expect(await processStartTime(child)).toBeDefined();
  worker.kill('SIGKILL');
  await gone(child);
});

test('nothing is left when who has started us is killed', async () => {
  const shell = `'${process.execPath}' '${WORKER}' with-parent & wait`;
  const parent = spawn('/bin/sh', ['-c', shell], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  parent.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  while (!/child \d+\n/.test(printed)) await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await gone(Number(/child (\d+)/.exec(printed)?.[1]));
});

function run(words: readonly [string, ...string[]], graceMs = 200) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const listeners = new Set<(signal: InterruptSignal, count: number) => void>();
  let [count, seen] = [0, ''];
  stdout.on('data', (data: Buffer) => (seen += data.toString()));
  const texts = Promise.all([text(stdout), text(stderr)]);
  const [file, ...args] = words;
  const result = runGuarded(file, args, {
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: '/',
    stdout: [stdout],
    stderr: [stderr],
    graceMs,
    endsWithParent: false,
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onStarted: async () => {},
  }).then(async (code) => {
    stdout.end();
    stderr.end();
    const [out, err] = await texts;
    return { code, stdout: out, stderr: err };
  });
  return {
    result,
    interrupt: (signal: InterruptSignal) => {
      count += 1;
      for (const listener of listeners) listener(signal, count);
    },
    printed: async (pattern: string | RegExp): Promise<string> => {
      for (;;) {
        const match = new RegExp(pattern).exec(seen);
        if (match !== null) return match[1] ?? match[0];
        await once(stdout, 'data');
      }
    },
  };
}

/** A dead process that nobody has buried yet is gone, too. */
async function gone(pid: number): Promise<void> {
  while ((await processStartTime(pid)) !== undefined) await sleep(20);
}
