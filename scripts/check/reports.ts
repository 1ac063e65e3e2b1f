import type { Counts } from './counts.ts';

/** What a test run wrote down of itself. */
export interface Report {
  readonly counts: Counts;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly test: string;
  readonly message: string;
}

/** From the text of a report, which is empty when there is none. */
export type ReadReport = (text: string) => Report;

const EMPTY: Report = { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [] };

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly VitestTest[];
}

interface VitestTest {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

/** A file that could not be imported, or whose hook failed, has no failed test, and counts as one. */
export function readVitestReport(text: string): Report {
  if (text === '') return EMPTY;
  const files = (JSON.parse(text) as { readonly testResults: readonly VitestFile[] }).testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const failures = files.flatMap(failuresOfFile);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed').length;
  return { counts: { passed, failed: failures.length, skipped }, failures };
}

function failuresOfFile(file: VitestFile): Failure[] {
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && file.status === 'failed')
    return [{ test: file.name, message: file.message ?? '' }];
  return failed.map((test) => ({
    test: `${file.name}: ${test.fullName}`,
    message: (test.failureMessages ?? []).join('\n'),
  }));
}

export function readJunitReport(text: string): Report {
  const suite = /<testsuite [^>]*>/.exec(text)?.[0];
  if (suite === undefined) return EMPTY;
  const number = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  const skipped = number('skipped');
  return {
    counts: { passed: number('tests') - failed - skipped, failed, skipped },
    failures: [...text.matchAll(FAILED_CASE)].map(([, group, name, message]) => ({
      test: `${group}: ${name}`,
      message: message ?? '',
    })),
  };
}

const FAILED_CASE =
  /<testcase classname="([^"]*)" name="([^"]*)"[^>]*[^/]><(?:failure|error) message="([^"]*)"/g;
