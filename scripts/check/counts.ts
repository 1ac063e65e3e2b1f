export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** From the text of a report, which is empty when there is none. */
export type ReadCounts = (report: string) => Counts;

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

export function formatCounts(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** A file that could not be imported, or whose hook failed, has no failed test, and counts as one. */
export function readVitestCounts(report: string): Counts {
  if (report === '') return NOTHING;
  const files = (JSON.parse(report) as VitestReport).testResults;
  return files.map(countsOfFile).reduce(addCounts, NOTHING);
}

function countsOfFile(file: VitestReport['testResults'][number]): Counts {
  const count = (status: string): number =>
    file.assertionResults.filter((test) => test.status === status).length;
  const failed = count('failed');
  const passed = count('passed');
  return {
    passed,
    failed: failed === 0 && file.status === 'failed' ? 1 : failed,
    skipped: file.assertionResults.length - passed - failed,
  };
}

export function readJunitCounts(report: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(report)?.[0];
  if (suite === undefined) return NOTHING;
  const number = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  const skipped = number('skipped');
  return { passed: number('tests') - failed - skipped, failed, skipped };
}
