import { padColumns, textWidth } from './textWidth.ts';

/** Rows with their columns aligned and two blanks between them. Numbers stand at the right of their column. */
export function alignRows(
  rows: readonly (readonly string[])[],
  options: { readonly right?: ReadonlySet<number> } = {},
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => textWidth(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => alignCell(cell, widths[column] ?? 0, options.right?.has(column) === true))
      .join('  ')
      .trimEnd(),
  );
}

function alignCell(cell: string, width: number, right: boolean): string {
  return right ? ' '.repeat(Math.max(0, width - textWidth(cell))) + cell : padColumns(cell, width);
}
