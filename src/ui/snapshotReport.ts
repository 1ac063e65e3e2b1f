import { formatBytes } from './bytes.ts';
import { formatDuration } from './duration.ts';
import type { Style } from './style.ts';
import { alignRows } from './table.ts';
import { visibleLine } from './visibleText.ts';

export interface SnapshotRow {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly automaticBefore?: string;
  readonly database: string;
  readonly airflowVersion: string;
  readonly git?: { readonly branch?: string; readonly commit: string };
  readonly onBranch?: boolean;
  readonly sizeBytes: number;
  /** Undefined when nobody has looked. */
  readonly whole?: boolean;
  /** Whether its keys are the project's. */
  readonly sameKeys: boolean;
}

/** The newest last, as in a shell's history: it stands next to the prompt. */
export function snapshotTable(rows: readonly SnapshotRow[], now: number, style: Style): string[] {
  if (rows.length === 0) return ['No snapshots. devenv snapshot save NAME makes one.'];
  const head = ['name', 'age', 'Airflow', 'size', 'branch', 'commit', ''].map(style.dim);
  return alignRows(
    [
      head,
      ...rows.map((each) => [
        each.name,
        formatDuration(now - each.createdAt),
        each.airflowVersion,
        formatBytes(each.sizeBytes),
        `${each.git?.branch ?? ''}${each.onBranch === true ? ' *' : ''}`,
        each.git?.commit.slice(0, 8) ?? '',
        remarks(each, style),
      ]),
    ],
    { right: new Set([1, 3]) },
  );
}

function remarks(row: SnapshotRow, style: Style): string {
  const found: string[] = [];
  if (row.automaticBefore !== undefined) found.push(style.dim(`automatic, before ${row.automaticBefore}`));
  if (row.whole === false) found.push(style.red('its data are gone'));
  if (!row.sameKeys) found.push(style.yellow('other keys'));
  return found.join(', ');
}

export interface SnapshotDifference {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly { readonly table: string; readonly before: number; readonly after: number }[];
  readonly names: Readonly<Record<string, NameChanges>>;
}

export interface NameChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

const MANY = 30;

/** Names and numbers; never a value. */
export function differenceReport(difference: SnapshotDifference, style: Style): string[] {
  const { from, to, tables } = difference;
  const named = Object.entries(difference.names).flatMap(([kind, changes]) =>
    nameLines(kind, changes, style),
  );
  if (tables.length === 0 && named.length === 0) return [`${from} and ${to} have the same rows.`];
  const rows = tables.map(({ table, before, after }) => [
    table,
    String(before),
    String(after),
    after > before ? style.green(`+${after - before}`) : style.red(`-${before - after}`),
  ]);
  return [
    ...(rows.length === 0
      ? []
      : alignRows([['table', from, to, ''].map(style.dim), ...rows], { right: new Set([1, 2, 3]) })),
    ...(rows.length === 0 || named.length === 0 ? [] : ['']),
    ...named,
  ];
}

function nameLines(kind: string, changes: NameChanges, style: Style): string[] {
  const line = (sign: string, names: readonly string[], paint: (text: string) => string): string[] => {
    if (names.length === 0) return [];
    const shown = names.slice(0, MANY).map(visibleLine).join(', ');
    const more = names.length > MANY ? ` and ${names.length - MANY} more` : '';
    return [`${paint(sign)} ${kind}: ${shown}${more}`];
  };
  return [
    ...line('+', changes.added, style.green),
    ...line('~', changes.changed, style.yellow),
    ...line('-', changes.removed, style.red),
  ];
}
