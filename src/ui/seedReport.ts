import type { SeedChange, SeedItemReport, SeedReport } from '../seed/events.ts';
import { formatDuration } from './duration.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';
import { printableLines } from './textWidth.ts';

export interface SeedReportOptions {
  /** Show before and after of what differs. */
  readonly diff: boolean;
  /** What could be done about what is left from earlier. */
  readonly prune: boolean;
}

/** More rows than this nobody reads. */
const MOST_ROWS = 200;

/** What became of each item that is not as it was, with the reason where it failed; the sum last. */
export function seedReport(report: SeedReport, style: Style, options: SeedReportOptions): readonly string[] {
  const rows = report.items.filter(({ action, shadowed_by }) => action !== 'unchanged' || shadowed_by);
  const lines = rows.slice(0, MOST_ROWS).map((item) => itemRow(item, report.mode, style));
  const aligned = alignRows(lines);
  const details = rows.slice(0, MOST_ROWS).map((item) => itemDetails(item, style, options));
  return [
    ...aligned.flatMap((line, index) => [line, ...(details[index] ?? [])]),
    ...(rows.length > MOST_ROWS ? [style.dim(`… and ${rows.length - MOST_ROWS} more`)] : []),
    ...(rows.length > 0 ? [''] : []),
    summary(report, style, options),
  ];
}

function itemRow(
  { kind, name, action, error }: SeedItemReport,
  mode: SeedReport['mode'],
  style: Style,
): string[] {
  const symbol = SYMBOLS[action](style);
  const words = mode === 'compare' ? COMPARE_WORDS[action] : action;
  if (kind === undefined) return [`${symbol} ${words}`, 'file', placeOf(error)];
  return [`${symbol} ${words}`, kind, printable(name ?? '')];
}

const SYMBOLS: Readonly<Record<SeedItemReport['action'], (style: Style) => string>> = {
  created: (style) => style.green('+'),
  updated: (style) => style.yellow('~'),
  unchanged: () => ' ',
  removed: (style) => style.red('-'),
  left: (style) => style.dim('?'),
  failed: (style) => style.red('✗'),
  skipped: (style) => style.dim('·'),
};

const COMPARE_WORDS: Readonly<Record<SeedItemReport['action'], string>> = {
  created: 'to create',
  updated: 'to update',
  unchanged: 'unchanged',
  removed: 'to remove',
  left: 'left',
  failed: 'failed',
  skipped: 'skipped',
};

function itemDetails(item: SeedItemReport, style: Style, { diff, prune }: SeedReportOptions): string[] {
  const { error, changes = [], shadowed_by: shadow, action } = item;
  return [
    ...(error === undefined ? [] : errorLines(error, style)),
    ...(diff ? changes.flatMap((change) => changeLines(change, style)) : []),
    ...(shadow === undefined
      ? []
      : [`    ${style.yellow('!')} Airflow reads ${shadow} of the environment instead of the database`]),
    ...(action === 'left' && !prune
      ? [`    ${style.dim('seeded earlier, in no file any more; --prune deletes it')}`]
      : []),
  ];
}

function errorLines(error: NonNullable<SeedItemReport['error']>, style: Style): string[] {
  const place = placeOf(error);
  const [what = '', ...more] = printableLines(error.what, false);
  return [
    `    ${place === '' ? '' : `${style.cyan(place)}: `}${what}`,
    ...more.map((line) => `      ${line}`),
    ...(error.why === undefined ? [] : printableLines(error.why, false).map((line) => `      ${line}`)),
    ...error.next.map((step) => `      ${style.cyan('→')} ${printable(step)}`),
  ];
}

function changeLines({ field, before, after }: SeedChange, style: Style): string[] {
  return [
    ...(before === null ? [] : [style.red(`    - ${field}: ${printable(before)}`)]),
    ...(after === null ? [] : [style.green(`    + ${field}: ${printable(after)}`)]),
  ];
}

function placeOf(error: SeedItemReport['error']): string {
  return [error?.file, error?.line, error?.column].filter((part) => part !== undefined).join(':');
}

function printable(text: string): string {
  return printableLines(text, false).join('⏎');
}

function summary(report: SeedReport, style: Style, { prune }: SeedReportOptions): string {
  const { items, mode, duration_ms: duration } = report;
  const count = (action: SeedItemReport['action']): number =>
    items.filter((each) => each.action === action).length;
  const words = mode === 'compare' ? COMPARE_WORDS : undefined;
  const parts = (['created', 'updated', 'removed', 'unchanged', 'left', 'skipped', 'failed'] as const)
    .filter((action) => count(action) > 0 && !(action === 'left' && prune))
    .map((action) => {
      const text = `${count(action)} ${words?.[action] ?? action}`;
      return action === 'failed' ? style.red(text) : text;
    });
  if (report.files.length === 0)
    return 'There is nothing to seed: no file is named in devenv.yaml (seed:) or lies in seed/.';
  return `${parts.length === 0 ? 'nothing to do' : parts.join(', ')} ${style.dim(`(${formatDuration(duration)})`)}`;
}
