import { expect, test } from 'vitest';
import { hdfsService } from '../../src/services/hdfsService.ts';
import type { ServiceSignal } from '../../src/services/driver.ts';

test('it is ready when the server answers and holds its seeds, and told as ended when the server is gone', async () => {
  const signals: ServiceSignal[] = [];
  const service = hdfsService({
    start: async (_, onProgress) => onProgress('putting seed files'),
    // Beyond the greatest pid of every system.
    findPid: async () => 2 ** 30,
    stop: async () => {},
  });
  await service.run((signal) => signals.push(signal), new AbortController().signal);
  expect(signals).toEqual([
    { type: 'progress', detail: 'putting seed files' },
    { type: 'spawned', pid: 2 ** 30 },
    { type: 'ready' },
    { type: 'ended', detail: 'the server has ended' },
  ]);
});

test('an end that was asked for is no failure', async () => {
  const controller = new AbortController();
  const signals: ServiceSignal[] = [];
  const service = hdfsService({
    start: async () => {},
    findPid: async () => process.pid,
    stop: async () => controller.abort(),
  });
  const running = service.run((signal) => signals.push(signal), controller.signal);
  await service.stop();
  await running;
  expect(signals.map(({ type }) => type)).toEqual(['spawned', 'ready']);
});
