import type { Style } from '../../style.ts';
import { cutColumns, padColumns, textWidth, withoutColour } from '../../textWidth.ts';

export interface Column<Row> {
  readonly title: string;
  /** Painted or not. */
  readonly cell: (row: Row) => string;
  /** In columns; as wide as its widest cell when left out. What changes often needs one, or columns would move. */
  readonly width?: number;
  readonly maximum?: number;
  readonly right?: true;
  /** Where there is no room, the columns with the highest number go first. Those without one stay. */
  readonly drop?: number;
  /** Takes the room that the others leave. */
  readonly rest?: true;
}

export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly selected: number;
  /** Of the screen. */
  readonly width: number;
  readonly style: Style;
}

const GAP = 2;
const MARK = '› ';
/** Less is not worth a column. */
const SMALLEST_REST = 6;

/** The titles and every row as lines that are at most `width` wide; the selected one is marked by more than colour. */
export function paintTable<Row>(table: Table<Row>): { readonly head: string; readonly lines: string[] } {
  const { rows, selected, width, style } = table;
  const columns = fittingColumns(table);
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cutColumns(cells[index] ?? '', column.columns);
        return column.right ? padLeft(cell, column.columns) : padColumns(cell, column.columns);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const head = cutColumns(`  ${line(columns.map(({ title }) => title))}`, width);
  const lines = rows.map((row, index) => {
    const text = line(columns.map(({ cell }) => cell(row)));
    if (index !== selected) return cutColumns(`  ${text}`, width);
    return style.inverse(cutColumns(padColumns(MARK + withoutColour(text), width), width));
  });
  return { head: style.dim(head), lines };
}

type Fitted<Row> = Column<Row> & { readonly columns: number };

function fittingColumns<Row>({ columns, rows, width }: Table<Row>): readonly Fitted<Row>[] {
  const natural = columns.map((column) => ({ ...column, columns: naturalWidth(column, rows) }));
  const room = width - MARK.length;
  const kept = withoutDropped(natural, room);
  const left = room - kept.reduce((sum, column) => sum + (column.rest ? 0 : column.columns + GAP), 0);
  return kept
    .map((column) => (column.rest ? { ...column, columns: left } : column))
    .filter((column) => !column.rest || left >= SMALLEST_REST);
}

function withoutDropped<Row>(columns: readonly Fitted<Row>[], room: number): readonly Fitted<Row>[] {
  const needed = columns.reduce((sum, column) => sum + (column.rest ? 0 : column.columns + GAP), -GAP);
  const droppable = columns.filter(({ drop }) => drop !== undefined);
  if (needed <= room || droppable.length === 0) return columns;
  const highest = Math.max(...droppable.map(({ drop }) => drop ?? 0));
  return withoutDropped(
    columns.filter(({ drop }) => drop !== highest),
    room,
  );
}

function naturalWidth<Row>(column: Column<Row>, rows: readonly Row[]): number {
  if (column.width !== undefined) return column.width;
  if (column.rest) return 0;
  const widest = Math.max(textWidth(column.title), ...rows.map((row) => textWidth(column.cell(row))));
  return Math.min(widest, column.maximum ?? Infinity);
}

function padLeft(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - textWidth(text))) + text;
}
