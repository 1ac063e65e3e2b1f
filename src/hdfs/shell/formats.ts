import type { HdfsStatus } from '../client/hdfsFiles.ts';

const PREFIXES = ['K', 'M', 'G', 'T', 'P', 'E'];

/** `1.5 K`, `3 M`, `512`: as Hadoop's `TraditionalBinaryPrefix` writes sizes, with 1024 to the thousand. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let power = Math.min(Math.floor(Math.log2(bytes) / 10), PREFIXES.length);
  let value = bytes / 1024 ** power;
  if (Number.isInteger(value)) return `${value} ${PREFIXES[power - 1]}`;
  if (value.toFixed(1) === '1024.0') {
    power += 1;
    value = bytes / 1024 ** power;
  }
  return `${value.toFixed(1)} ${PREFIXES[power - 1]}`;
}

/** `rwxr-x--t` of octal `1751`. */
export function permissionText(octal: string): string {
  const mode = Number.parseInt(octal, 8);
  const letters = [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
  if (mode & 0o1000) letters[8] = letters[8] === 'x' ? 't' : 'T';
  return letters.join('');
}

/** `2026-01-31 07:05` in the machine's time zone; the argument in milliseconds since the epoch. */
export function localMinute(time: number): string {
  const date = new Date(time);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** `2026-01-31 07:05:09` in UTC. */
export function utcSecond(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** Columns two spaces apart, left-aligned but for those named; nothing behind the last one. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        if (right.includes(column)) return cell.padStart(widths[column] ?? 0);
        return column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
      })
      .join('  '),
  );
  return lines.map((line) => `${line}\n`).join('');
}

export function typeLetter({ type }: Pick<HdfsStatus, 'type'>): string {
  return type === 'DIRECTORY' ? 'd' : '-';
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
