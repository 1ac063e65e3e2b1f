import { expect, test } from 'vitest';
import { formatCounts, readJunitCounts, readVitestCounts } from '../../scripts/check/counts.ts';

test('tests of a vitest report are counted by how they ended', () => {
  const assertionResults = ['passed', 'passed', 'failed', 'skipped', 'todo'].map((status) => ({ status }));
  const report = JSON.stringify({ testResults: [{ status: 'failed', assertionResults }] });
  expect(readVitestCounts(report)).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

test('a file that could not be imported counts as a failure', () => {
  const report = JSON.stringify({ testResults: [{ status: 'failed', assertionResults: [] }] });
  expect(readVitestCounts(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('errors of a pytest report are failures', () => {
  const report = `<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="0.1"></testsuite></testsuites>`;
  expect(readJunitCounts(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
});

test('no report is no test', () => {
  expect(readVitestCounts('')).toEqual(readJunitCounts(''));
  expect(formatCounts(readVitestCounts(''))).toBe('0 passed, 0 failed');
});

test('skipped tests are named', () => {
  expect(formatCounts({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped');
});
