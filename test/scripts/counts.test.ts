import { expect, test } from 'vitest';
import { addCounts, formatCounts, NOTHING } from '../../scripts/check/counts.ts';

test('skipped tests are named', () => {
  expect(formatCounts({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped');
});

test('no test is said to be none', () => {
  expect(formatCounts(addCounts(NOTHING, NOTHING))).toBe('0 passed, 0 failed');
});
