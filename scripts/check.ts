import { addCounts, type Counts, formatCounts, NOTHING } from './check/counts.ts';
import { type Outcome, runStep } from './check/runStep.ts';
import { STEPS } from './check/steps.ts';

const SHOWN_LINES = 12;
const SHOWN_COLUMNS = 400;

// Every check and test of the project, or one group of them: `test/run [GROUP [FILTER…]]`.
const [group, ...filters] = process.argv.slice(2);
const selected = STEPS.filter((step) => group === undefined || step.name === group);
if (selected.length === 0) {
  process.stderr.write(
    `error: there is no group ${group}. The groups are: ${STEPS.map((step) => step.name).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  process.exitCode = await checkAll();
}

async function checkAll(): Promise<number> {
  const results: { name: string; outcome: Outcome }[] = [];
  // One after the other: two cores, and tests that measure.
  for (const step of selected) results.push({ name: step.name, outcome: await runStep(step, filters) });
  process.stdout.write('\n');
  const failures = results.flatMap(({ outcome }) => outcome.failures);
  for (const { test, message } of failures) process.stdout.write(`FAIL ${test}\n${startOf(message)}\n`);
  for (const { name, outcome } of results) {
    const verdict = !outcome.passed ? 'FAIL' : outcome.notRun === undefined ? 'ok  ' : 'none';
    const counted = outcome.counts === undefined ? '' : `  ${formatCounts(outcome.counts)}`;
    const reason = outcome.notRun === undefined ? '' : `  not run: ${outcome.notRun}`;
    process.stdout.write(
      `${verdict} ${name.padEnd(10)} ${outcome.seconds.toFixed(1)} s${counted}${reason}\n`,
    );
  }
  const outcomes = results.map((each) => each.outcome);
  process.stdout.write(`${formatCounts(outcomes.map(countsOf).reduce(addCounts, NOTHING))}\n`);
  return outcomes.every((each) => each.passed) ? 0 : 1;
}

/** The last line must not read like success when a check without tests, or a test runner itself, failed. */
function countsOf(outcome: Outcome): Counts {
  const counts = outcome.counts ?? NOTHING;
  return outcome.passed || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** What a reader of the end of a long output needs to know which test it was, and how it failed. */
function startOf(message: string): string {
  const lines = message.trimEnd().split('\n').slice(0, SHOWN_LINES);
  return lines.map((line) => `     ${line.slice(0, SHOWN_COLUMNS)}`).join('\n');
}
