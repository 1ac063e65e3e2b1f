import { expect, test } from 'vitest';
import { describeDifferences } from '../../src/commands/doctorCompare.ts';

const answer = (code: number, state: string | undefined, tasks: Record<string, string>) => ({
  code,
  state,
  tasks: new Map(Object.entries(tasks)),
});

test('runs that end the same have no differences', () => {
  const one = answer(0, 'success', { load: 'success' });
  expect(describeDifferences(one, answer(0, 'success', { load: 'success' }))).toEqual([]);
});

test('what differs is named with both ways, also what only one has', () => {
  const ours = answer(0, 'success', { 'load': 'success', 'each[0]': 'success' });
  const stock = answer(1, undefined, { load: 'failed' });
  expect(describeDifferences(ours, stock)).toEqual([
    'exit code: 0 / 1',
    'DAG run: success / none',
    'each[0]: success / none',
    'load: success / failed',
  ]);
});
