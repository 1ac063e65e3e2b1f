import { expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/style.ts';
import { ageChangesIn, formatAge, formatClock } from '../../../src/ui/tui/views/age.ts';
import { frameChangesIn } from '../../../src/ui/tui/views/frame.ts';
import { paintTable } from '../../../src/ui/tui/views/table.ts';
import { driven, drivenRun } from './support/dashboardState.ts';
import { CLOCK, READY_SERVICES, service, stackEvent, stackView } from './support/fakeStack.ts';

test.each([
  [0, '0 s', 5000],
  [4999, '0 s', 1],
  [59_000, '55 s', 1000],
  [61_000, '1 min', 59_000],
  [7_260_000, '2 h', 3_540_000],
  [3 * 86_400_000, '3 d', 86_400_000],
])('an age of %i ms is %s, for another %i ms', (age, text, changes) => {
  expect(formatAge(age)).toBe(text);
  expect(ageChangesIn(age)).toBe(changes);
});

test.each([
  [1234, '1.2 s'],
  [59_990, '59.9 s'],
  [65_000, '1m 05s'],
  [3_720_000, '1h 02m'],
])('a clock at %i ms shows %s', (milliseconds, text) => {
  expect(formatClock(milliseconds)).toBe(text);
});

test('there is no timer where nothing can change by itself', () => {
  expect(frameChangesIn(driven().press('2').state, CLOCK)).toBeUndefined();
  expect(frameChangesIn(driven().press('4').state, CLOCK)).toBeUndefined();
  expect(frameChangesIn(driven().press('?').state, CLOCK)).toBeUndefined();
  // Ages of more than a minute.
  expect(frameChangesIn(driven().state, CLOCK)).toBeGreaterThan(1000);
  expect(frameChangesIn(drivenRun().state, CLOCK)).toBe(1000);
});

test('tenths are shown only while something is under way', () => {
  const starting = [...READY_SERVICES.slice(1), service('x', { status: 'starting' })];
  const event = stackEvent({ event: 'stack', stack: stackView({ status: 'starting', services: starting }) });
  const it = driven().tell({ type: 'stack', event });
  expect(frameChangesIn(it.state, CLOCK)).toBe(200);
  expect(frameChangesIn(it.tell({ type: 'link', link: 'lost' }).press('2').state, CLOCK)).toBeUndefined();
});

test('a table drops what it has no room for, the least needed first', () => {
  const table = (width: number) =>
    paintTable({
      columns: [
        { title: 'NAME', cell: ({ name }: { name: string; age: string }) => name },
        { title: 'AGE', cell: ({ age }) => age, width: 6, right: true, drop: 1 },
        { title: 'REST', cell: () => 'detail', rest: true },
      ],
      rows: [
        { name: 'one', age: '5 s' },
        { name: 'three', age: '12 min' },
      ],
      selected: 1,
      width,
      style: createStyle(false),
    });
  expect([table(40).head, ...table(40).lines].map((line) => line.trimEnd())).toEqual([
    '  NAME      AGE  REST',
    '  one       5 s  detail',
    '› three  12 min  detail',
  ]);
  expect(table(15).head).toBe('  NAME      AGE');
  expect(table(12).head).toBe('  NAME');
});
