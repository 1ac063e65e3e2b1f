import { expect, test } from 'vitest';
import { readJunitReport, readVitestReport } from '../../scripts/check/reports.ts';

test('tests of a vitest report are counted by how they ended, and the failed ones named', () => {
  const assertionResults = ['passed', 'passed', 'failed', 'skipped', 'todo'].map((status) => ({
    status,
    fullName: `It ${status}`,
    failureMessages: status === 'failed' ? ['expected 1 to be 2'] : [],
  }));
  const report = JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults }] });
  expect(readVitestReport(report)).toEqual({
    counts: { passed: 2, failed: 1, skipped: 2 },
    failures: [{ test: 'a.test.ts: It failed', message: 'expected 1 to be 2' }],
  });
});

test('a file that could not be imported counts as a failure', () => {
  const file = { name: 'a.test.ts', status: 'failed', message: 'no such file', assertionResults: [] };
  expect(readVitestReport(JSON.stringify({ testResults: [file] }))).toEqual({
    counts: { passed: 0, failed: 1, skipped: 0 },
    failures: [{ test: 'a.test.ts', message: 'no such file' }],
  });
});

test('errors of a pytest report are failures', () => {
  const cases =
    '<testcase classname="test_a" name="test_good" time="0.1" />' +
    '<testcase classname="test_a" name="test_bad" time="0.1"><failure message="assert 1 == 2">…</failure></testcase>';
  const report = `<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="0.1">${cases}</testsuite></testsuites>`;
  expect(readJunitReport(report)).toEqual({
    counts: { passed: 4, failed: 3, skipped: 3 },
    failures: [{ test: 'test_a: test_bad', message: 'assert 1 == 2' }],
  });
});

test('no report is no test', () => {
  const none = { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [] };
  expect(readVitestReport('')).toEqual(none);
  expect(readJunitReport('')).toEqual(none);
});
