import { expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import type { ProcessEnd } from '../../src/runtimes/runtime.ts';
import { airflowService } from '../../src/services/airflowService.ts';
import type { ServiceSignal } from '../../src/services/driver.ts';

/** No process has it: signals to it find nobody. */
const NO_PID = 2 ** 22 + 1;

function setUp(signs: readonly (number | undefined)[]) {
  const ended = Promise.withResolvers<ProcessEnd>();
  const signals: ServiceSignal[] = [];
  const asked: string[] = [];
  let look = 0;
  const service = airflowService({
    start: async () => {
      asked.push('start');
      return { pid: NO_PID, ended: ended.promise };
    },
    clear: async () => void asked.push('clear'),
    lastSign: async () => {
      look += 1;
      return signs[Math.min(look, signs.length) - 1];
    },
    waitsFor: 'for its first heartbeat',
    now: () => 1_000,
  });
  const controller = new AbortController();
  const run = service.run((signal) => signals.push(signal), controller.signal);
  return { service, ended, signals, asked, controller, run };
}

test('it is ready with the first sign of life, after what was left has been cleared', async () => {
  const { ended, signals, asked, run } = setUp([undefined, undefined, 1_000]);
  await expect.poll(() => signals.at(-1)?.type).toBe('ready');
  ended.resolve({ signal: 'SIGKILL' });
  await run;
  expect(asked).toEqual(['clear', 'start']);
  expect(signals).toEqual([
    { type: 'spawned', pid: NO_PID },
    { type: 'progress', detail: 'for its first heartbeat' },
    { type: 'ready' },
    { type: 'ended', detail: 'ended by SIGKILL' },
  ]);
});

test('its end before any sign of life is told at once', async () => {
  const { ended, signals, run } = setUp([undefined]);
  ended.resolve({ code: 1 });
  await run;
  expect(signals.at(-1)).toEqual({ type: 'ended', detail: 'ended with code 1' });
});

test('a DAGs folder that can not be listed is a refusal: the next start would end the same way', async () => {
  const { ended, signals, run } = setUp([undefined]);
  ended.resolve({ code: 97 });
  await expect(run).rejects.toMatchObject({ code: 'dags_folder_loop' });
  expect(signals.some((each) => each.type === 'ended')).toBe(false);
});

test('stop waits until it has ended', async () => {
  const { service, ended, signals, controller, run } = setUp([1_000]);
  await expect.poll(() => signals.at(-1)?.type).toBe('ready');
  controller.abort();
  let stopped = false;
  const stop = service.stop().then(() => {
    stopped = true;
    return stopped;
  });
  expect(stopped).toBe(false);
  ended.resolve({ code: 0 });
  expect(await stop).toBe(true);
  await run;
});

test('a preloaded process that is gone is an end, not a refusal: it may be tried again', async () => {
  const signals: ServiceSignal[] = [];
  const service = airflowService({
    start: () => Promise.reject(new DevenvError({ code: 'preload_ended', what: 'Gone.' })),
    clear: async () => {},
    lastSign: async () => undefined,
    waitsFor: '',
    now: () => 0,
  });
  await service.run((signal) => signals.push(signal), new AbortController().signal);
  expect(signals).toEqual([{ type: 'ended', detail: 'the preloaded process has ended' }]);
});

test('a database that is just not there is an end, too', async () => {
  const signals: ServiceSignal[] = [];
  const service = airflowService({
    start: () => expect.fail('not before the database is there'),
    clear: () => Promise.reject(new Error('connect ECONNREFUSED')),
    lastSign: async () => undefined,
    waitsFor: '',
    now: () => 0,
  });
  await service.run((signal) => signals.push(signal), new AbortController().signal);
  expect(signals).toEqual([{ type: 'ended', detail: 'connect ECONNREFUSED' }]);
});
