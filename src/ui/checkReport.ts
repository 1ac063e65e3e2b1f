import type { Style } from './style.ts';
import { padColumns, textWidth } from './textWidth.ts';

export type Verdict = 'ok' | 'warn' | 'fail';

export interface CheckResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly detail: string;
  /** What a person can do, most useful first. */
  readonly next?: readonly string[];
}

/** A line a check, with what to do below those that found something; the sum last. */
export function checkReport(results: readonly CheckResult[], style: Style): readonly string[] {
  const width = Math.max(0, ...results.map(({ name }) => textWidth(name)));
  const symbols = { ok: style.green('✓ ok  '), warn: style.yellow('! warn'), fail: style.red('✗ fail') };
  const lines = results.flatMap(({ name, verdict, detail, next = [] }) => [
    `${symbols[verdict]}  ${padColumns(name, width)}  ${verdict === 'ok' ? style.dim(detail) : detail}`,
    ...next.map((each) => `${' '.repeat(width + 10)}${style.cyan('→')} ${each}`),
  ]);
  const count = (verdict: Verdict): number => results.filter((each) => each.verdict === verdict).length;
  return [...lines, '', `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed`];
}
