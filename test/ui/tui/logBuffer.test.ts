import { expect, test } from 'vitest';
import { createLogBuffer, LineRing, type LogBuffer } from '../../../src/ui/tui/logBuffer.ts';

test('a ring keeps the last lines, each at its position', () => {
  const ring = new LineRing(3);
  for (const text of ['a', 'b', 'c', 'd']) ring.push({ service: 's', text });
  expect([ring.first, ring.end]).toEqual([1, 4]);
  expect([0, 1, 2, 3, 4].map((at) => ring.at(at)?.text)).toEqual([undefined, 'b', 'c', 'd', undefined]);
});

test('lines of all services are together and apart', () => {
  const logs = filled([
    ['scheduler', 'one'],
    ['triggerer', 'two'],
    ['scheduler', 'three'],
  ]);
  expect(texts(logs)).toEqual(['one', 'two', 'three']);
  expect(texts(logs, 'scheduler')).toEqual(['one', 'three']);
  expect(texts(logs, 'unknown')).toEqual([]);
});

test('a talkative service does not push out what another said', () => {
  const logs = createLogBuffer(false);
  logs.add({ sequence: 0, service: 'quiet', text: 'hello' });
  for (let line = 1; line < 20_000; line += 1) logs.add({ sequence: line, service: 'loud', text: 'x' });
  expect(texts(logs, 'quiet')).toEqual(['hello']);
  expect(logs.lines().end - logs.lines().first).toBe(10_000);
});

test('what a new connection repeats is known; another supervisor begins anew', () => {
  const logs = filled([
    ['s', 'one'],
    ['s', 'two'],
  ]);
  logs.add({ sequence: 1, service: 's', text: 'two' });
  logs.add({ sequence: 2, service: 's', text: 'three' });
  expect(texts(logs)).toEqual(['one', 'two', 'three']);
  logs.startOver();
  logs.add({ sequence: 0, service: 's', text: 'new' });
  expect(texts(logs).at(-1)).toBe('new');
});

test('nothing in a line can move the cursor or fill the memory', () => {
  const logs = filled([
    ['s', 'a\tb\u001B[2Jc\u001B[31mred'],
    ['s', 'x'.repeat(100_000)],
  ]);
  expect(texts(logs)[0]).toBe('a    bcred');
  expect(texts(logs)[1]).toHaveLength(4097);
});

test('a hundred thousand lines cost no array each', () => {
  const logs = createLogBuffer(true);
  const before = performance.now();
  for (let line = 0; line < 100_000; line += 1)
    logs.add({ sequence: line, service: 's', text: `line ${line}` });
  expect(performance.now() - before).toBeLessThan(1500);
});

function filled(lines: readonly (readonly [string, string])[]): LogBuffer {
  const logs = createLogBuffer(false);
  lines.forEach(([service, text], sequence) => logs.add({ sequence, service, text }));
  return logs;
}

function texts(logs: LogBuffer, service?: string): string[] {
  const ring = logs.lines(service);
  return Array.from({ length: ring.end - ring.first }, (_, index) => ring.at(ring.first + index)?.text ?? '');
}
