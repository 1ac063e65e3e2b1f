import { expect, test } from 'vitest';
import { DevenvError } from '../../src/errors.ts';
import type { ServiceSignal } from '../../src/services/driver.ts';
import { preloadService } from '../../src/services/preloadService.ts';

test('without a preloaded process services are told to do without', async () => {
  const signals: ServiceSignal[] = [];
  const failures: unknown[] = [];
  const failure = new DevenvError({ code: 'daemon_failed', what: 'python ended with exit code 1.' });
  const service = preloadService({
    controlSocket: '/nonexistent/s.sock',
    platform: process.platform,
    start: () => Promise.reject(failure),
    onConnected: () => expect.fail('nobody is there to connect to'),
    onFailure: (error) => failures.push(error),
  });
  await service.run((signal) => signals.push(signal), new AbortController().signal);
  await service.stop();
  expect(failures).toEqual([failure]);
  expect(signals.at(-1)).toEqual({ type: 'ready' });
});

test('a preloaded process that has gone again is told as ended', async () => {
  const signals: ServiceSignal[] = [];
  const service = preloadService({
    controlSocket: '/nonexistent/s.sock',
    platform: process.platform,
    start: async () => {},
    onConnected: () => expect.fail('nobody is there to connect to'),
    onFailure: () => expect.fail('it did start'),
  });
  await service.run((signal) => signals.push(signal), new AbortController().signal);
  expect(signals.at(-1)).toEqual({ type: 'ended', detail: 'it went away at once' });
});

test('a stop during the start is not a failure', async () => {
  const controller = new AbortController();
  const service = preloadService({
    controlSocket: '/nonexistent/s.sock',
    platform: process.platform,
    start: async () => {
      controller.abort();
      throw new Error('stopped');
    },
    onConnected: () => expect.fail('it was stopped'),
    onFailure: () => expect.fail('it was stopped'),
  });
  await service.run(() => {}, controller.signal);
});
