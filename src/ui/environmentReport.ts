import { formatBytes } from './bytes.ts';

/** Columns of plain text: the widest entry of each decides. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_cell, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function environmentLines(
  environments: readonly {
    readonly directory: string;
    readonly airflowVersion: string;
    readonly pythonVersion: string;
    readonly bytes: number;
    readonly lastUsed: number;
  }[],
  now: number,
): readonly string[] {
  if (environments.length === 0) return ['There are no environments.'];
  return columns([
    ['AIRFLOW', 'PYTHON', 'SIZE', 'LAST USED', 'FOLDER'],
    ...environments.map((each) => [
      each.airflowVersion,
      each.pythonVersion,
      formatBytes(each.bytes),
      daysAgo(now - each.lastUsed),
      each.directory,
    ]),
  ]);
}

function daysAgo(milliseconds: number): string {
  const days = Math.floor(milliseconds / (24 * 60 * 60 * 1000));
  return days < 1 ? 'today' : days === 1 ? 'a day ago' : `${days} days ago`;
}
