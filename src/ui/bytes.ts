const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `512 B`, `43 MB`, `1.4 GB`: powers of 1000, as disks are sold. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 && unit > 2 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}
