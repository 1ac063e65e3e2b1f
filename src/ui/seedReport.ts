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

/** More rows than this are summed up, but for those that a person has to read. */
const MOST_ROWS = 30;
/** Of a difference, and of what a person has to read. */
const MOST_DETAILS = 200;
/** Names in a line that sums up. */
const NAMES_SHOWN = 5;

/** What became of each item that is not as it was, with the reason where it failed; the sum last. */
export function seedReport(report: SeedReport, style: Style, options: SeedReportOptions): readonly string[] {
  const changed = report.items.filter(({ action, shadowed_by }) => action !== 'unchanged' || shadowed_by);
  const summedUp = options.diff || changed.length <= MOST_ROWS ? [] : changed.filter(isPlain);
  const rows = changed.filter((item) => !summedUp.includes(item));
  const shown = rows.slice(0, MOST_DETAILS);
  const lines = alignRows([
    ...sums(summedUp).map((group) => sumRow(group, report.mode, style)),
    ...shown.map((item) => itemRow(item, report.mode, style)),
  ]);
  const details = [
    ...sums(summedUp).map(() => []),
    ...shown.map((item) => itemDetails(item, style, options)),
  ];
  return [
    ...lines.flatMap((line, index) => [line, ...(details[index] ?? [])]),
    ...(rows.length > shown.length
      ? [style.dim(`… and ${rows.length - shown.length} more; --json has all of them`)]
      : []),
    ...(changed.length > 0 ? [''] : []),
    summary(report, style, options),
    ...passedOverLines(report, style),
  ];
}

function passedOverLines({ passed_over: files = [] }: SeedReport, style: Style): string[] {
  if (files.length === 0) return [];
  const names = files.map(printable).join(', ');
  return [
    `${style.yellow('!')} Passed over for ${files.length === 1 ? 'its name' : 'their names'}: ${names}`,
    `  In seed/ are taken ${SEED_NAMES}; others are named under seed: in devenv.yaml.`,
  ];
}

/** Nothing that has to be read of each. */
function isPlain({ action, shadowed_by, overwrites }: SeedItemReport): boolean {
  const isDone = action === 'created' || action === 'updated' || action === 'removed' || action === 'skipped';
  return isDone && shadowed_by === undefined && overwrites !== true;
}

/** By what was done and to which kind. */
function sums(items: readonly SeedItemReport[]): readonly (readonly SeedItemReport[])[] {
  return [...Map.groupBy(items, ({ action, kind }) => `${action} ${kind}`).values()];
}

function sumRow(group: readonly SeedItemReport[], mode: SeedReport['mode'], style: Style): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const [state = '', kind = ''] = itemRow(first, mode, style);
  const names = group.slice(0, NAMES_SHOWN).map(({ name }) => printable(name ?? ''));
  const more = group.length > NAMES_SHOWN ? ', …' : '';
  return [state, `${group.length} ${kind}${group.length === 1 ? '' : 's'}`, `${names.join(', ')}${more}`];
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
  kept: (style) => style.yellow('='),
  failed: (style) => style.red('✗'),
  skipped: (style) => style.dim('·'),
};

const COMPARE_WORDS: Readonly<Record<SeedItemReport['action'], string>> = {
  created: 'to create',
  updated: 'to update',
  unchanged: 'unchanged',
  removed: 'to remove',
  left: 'left',
  kept: 'kept',
  failed: 'failed',
  skipped: 'skipped',
};

function itemDetails(item: SeedItemReport, style: Style, { diff, prune }: SeedReportOptions): string[] {
  const { error, changes = [], shadowed_by: shadow, action, kept, overwrites } = item;
  return [
    ...(error === undefined ? [] : errorLines(error, style)),
    ...(diff ? changes.flatMap((change) => changeLines(change, style)) : []),
    ...(shadow === undefined
      ? []
      : [`    ${style.yellow('!')} Airflow reads ${shadow} of the environment instead of the database`]),
    ...(kept === undefined
      ? []
      : [`    ${style.yellow('!')} ${KEPT[kept]}; devenv seed stores what the files say`]),
    ...(overwrites === true
      ? [`    ${style.yellow('!')} it had been changed in the database since the last seed`]
      : []),
    ...(action === 'left' && !prune
      ? [`    ${style.dim('seeded earlier, in no file any more; --prune deletes it')}`]
      : []),
  ];
}

/** As `seedFiles` takes them. */
const SEED_NAMES =
  'variables, connections, pools and seed (.yaml, .yml, .json or .env), and secrets.age (.yaml, .yml or .json)';

const KEPT: Readonly<Record<NonNullable<SeedItemReport['kept']>, string>> = {
  changed: 'changed in the database since it was seeded',
  not_seeded: 'in the database already, and not from a seed',
};

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
  const parts = (['created', 'updated', 'removed', 'unchanged', 'kept', 'left', 'skipped', 'failed'] as const)
    .filter((action) => count(action) > 0 && !(action === 'left' && prune))
    .map((action) => {
      const text = `${count(action)} ${words?.[action] ?? action}`;
      return action === 'failed' ? style.red(text) : text;
    });
  if (report.files.length === 0)
    return 'There is nothing to seed: no file is named in devenv.yaml (seed:) or lies in seed/.';
  return `${parts.length === 0 ? 'nothing to do' : parts.join(', ')} ${style.dim(`(${formatDuration(duration)})`)}`;
}
