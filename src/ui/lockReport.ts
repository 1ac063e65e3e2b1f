import type { Style } from './style.ts';

export interface LockModel {
  readonly database: string;
  readonly findings: readonly {
    readonly what: string;
    readonly details: readonly string[];
    readonly advice?: string;
  }[];
  readonly steps: readonly { readonly text: string }[];
  readonly withheld: readonly { readonly text: string; readonly needs: string }[];
}

/** What holds what, and what would be done about it. */
export function lockReport({ database, findings, steps, withheld }: LockModel, style: Style): string[] {
  if (findings.length === 0) return [`${style.green('✓')} Nothing is locked in ${database}.`];
  return [
    ...findings.flatMap(({ what, details, advice }) => [
      `${style.red('✗')} ${what}`,
      ...details.map((each) => style.dim(`    ${each}`)),
      ...(advice === undefined ? [] : [`    ${style.cyan('→')} ${advice}`]),
    ]),
    ...(steps.length + withheld.length === 0 ? [] : ['', 'What frees it:']),
    ...steps.map(({ text }, index) => `  ${index + 1}. ${text}`),
    ...withheld.map(({ text, needs }) => `  ${style.yellow('?')} ${text} ${style.dim(`(${needs})`)}`),
  ];
}

export interface FreedModel {
  readonly database: string;
  readonly snapshot: string | undefined;
  readonly remaining: LockModel['findings'];
  readonly changedTables: readonly {
    readonly table: string;
    readonly before: number;
    readonly after: number;
  }[];
  readonly rows: number;
  readonly tables: number;
}

/** What came of it. */
export function freedReport(model: FreedModel, style: Style): string[] {
  const { changedTables, remaining, snapshot } = model;
  const rows =
    changedTables.length === 0
      ? `${model.rows} rows in ${model.tables} tables, as before`
      : `Other numbers of rows than before: ${changedTables
          .map(({ table, before, after }) => `${table} ${before} → ${after}`)
          .join(', ')}`;
  return [
    remaining.length === 0
      ? `${style.green('✓')} ${model.database} is free. ${rows}.`
      : `${style.red('✗')} Not everything is free:`,
    ...remaining.flatMap(({ what, advice }) => [
      `    ${what}`,
      ...(advice === undefined ? [] : [`    ${style.cyan('→')} ${advice}`]),
    ]),
    ...(remaining.length === 0 ? [] : [`    ${rows}.`]),
    ...(snapshot === undefined ? [] : [style.dim(`  as it was: snapshot ${snapshot}`)]),
  ];
}
