import { writeLines, type OutputStream } from './output.ts';
import type { Style } from './style.ts';
import { padColumns, printableLines, textWidth } from './textWidth.ts';

/** What a statement gave; values as the database writes them. */
export interface SqlTable {
  readonly command: string;
  readonly rowCount: number | undefined;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: 'text' | 'number' | 'boolean' | 'json';
  }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export function writeSqlResult(
  stdout: OutputStream,
  result: SqlTable,
  options: { readonly json: boolean; readonly style: Style },
): void {
  writeLines(stdout, options.json ? [JSON.stringify(asJson(result))] : sqlTable(result, options.style));
}

/** Aligned as psql does it: `name | rows`, a rule, the rows, `(2 rows)`. */
export function sqlTable(result: SqlTable, style: Style): string[] {
  const { columns, rows } = result;
  if (columns.length === 0)
    return [`${result.command}${result.rowCount === undefined ? '' : ` ${result.rowCount}`}`];
  const cells = rows.map((row) => columns.map((_, column) => cellLines(row[column] ?? null)));
  const widths = columns.map(({ name }, column) =>
    Math.max(textWidth(name), ...cells.flatMap((row) => (row[column] ?? []).map(textWidth))),
  );
  const head = columns.map(({ name }, column) => style.bold(padColumns(name, widths[column] ?? 0)));
  return [
    ` ${head.join(' | ')}`.trimEnd(),
    widths.map((width) => '-'.repeat(width + 2)).join('+'),
    ...cells.flatMap((row) => rowLines(row, columns, widths)),
    style.dim(`(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`),
    '',
  ];
}

function rowLines(
  row: readonly (readonly string[])[],
  columns: SqlTable['columns'],
  widths: readonly number[],
): string[] {
  const height = Math.max(1, ...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, index) => {
    const line = row.map((cell, column) => {
      const text = cell[index] ?? '';
      const width = widths[column] ?? 0;
      return columns[column]?.kind === 'number' ? text.padStart(width) : padColumns(text, width);
    });
    return ` ${line.join(' | ')}`.trimEnd();
  });
}

function cellLines(value: string | null): string[] {
  return value === null ? [''] : printableLines(value, false);
}

function asJson(result: SqlTable): unknown {
  const names = uniqueNames(result.columns.map(({ name }) => name));
  return {
    v: 1,
    command: result.command,
    row_count: result.rowCount ?? null,
    rows: result.rows.map((row) =>
      Object.fromEntries(
        names.map((name, column) => [name, jsonValue(row[column] ?? null, result.columns[column]?.kind)]),
      ),
    ),
  };
}

/** A number that JavaScript would round stays text. */
function jsonValue(value: string | null, kind: string | undefined): unknown {
  if (value === null) return null;
  if (kind === 'boolean') return value === 't';
  if (kind === 'json') return JSON.parse(value) as unknown;
  if (kind === 'number' && String(Number(value)) === value) return Number(value);
  return value;
}

/** `count`, `count_2`: a query may name two columns alike, an object may not. */
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}
