export interface PythonLock {
  /** Of Python, e.g. `3.12`. */
  readonly minor: string;
  /** Lines `name==version`. */
  readonly pins: readonly string[];
  /** Those of them that every environment holds. */
  readonly base: readonly string[];
}

interface Run {
  readonly start: number;
  /** The index after the last one. */
  readonly end: number;
}

/** One lock file for all Pythons of a release. */
export function mergeLocks(airflowVersion: string, locks: readonly PythonLock[]): string {
  const minors = locks
    .map(({ minor }) => minor)
    .toSorted((left, right) => left.localeCompare(right, 'en', { numeric: true }));
  const pythonsOf = new Map<string, readonly string[]>();
  for (const { minor, pins, base } of locks) {
    const isBase = new Set(base.map(nameOf));
    for (const pin of pins) {
      const line = `${pin}\t${isBase.has(nameOf(pin)) ? '  # base' : ''}`;
      pythonsOf.set(line, [...(pythonsOf.get(line) ?? []), minor]);
    }
  }
  const lines = [...pythonsOf].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return [
    `# Airflow ${airflowVersion} with all its providers as of the day of its release, made by scripts/lock-airflow.mjs`,
    `# pythons: ${minors.join(' ')}`,
    ...lines.map(([line, pythons]) => {
      const [pin = '', mark = ''] = line.split('\t');
      return `${pin}${pythons.length === minors.length ? '' : ` ; ${marker(minors, pythons)}`}${mark}`;
    }),
    '',
  ].join('\n');
}

function nameOf(pin: string): string {
  return pin.split('==', 1)[0] ?? '';
}

/** The shortest marker that says which of these minors are meant, as `readPins` understands it. */
function marker(minors: readonly string[], pythons: readonly string[]): string {
  const runs: Run[] = [];
  for (const [index, minor] of minors.entries()) {
    if (!pythons.includes(minor)) continue;
    const last = runs.at(-1);
    if (last?.end === index) runs.pop();
    runs.push({ start: last?.end === index ? last.start : index, end: index + 1 });
  }
  return runs.map((run) => comparison(minors, run)).join(' or ');
}

function comparison(minors: readonly string[], { start, end }: Run): string {
  if (end - start === 1) return `python_version == '${minors[start]}'`;
  const bounds = [
    ...(start === 0 ? [] : [`python_version >= '${minors[start]}'`]),
    ...(end === minors.length ? [] : [`python_version < '${minors[end]}'`]),
  ];
  return bounds.join(' and ');
}
