/**
 * One lock file for all Pythons of a release.
 *
 * @param locks for each minor version of Python its pins (`name==version`) and those every environment holds.
 */
export function mergeLocks(airflowVersion, locks) {
  const minors = locks
    .map(({ minor }) => minor)
    .toSorted((left, right) => left.localeCompare(right, 'en', { numeric: true }));
  const pythonsOf = new Map();
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
      const [pin, mark] = line.split('\t');
      return `${pin}${pythons.length === minors.length ? '' : ` ; ${marker(minors, pythons)}`}${mark}`;
    }),
    '',
  ].join('\n');
}

function nameOf(pin) {
  return pin.split('==')[0];
}

function marker(minors, pythons) {
  return minors
    .filter((minor) => pythons.includes(minor))
    .map((minor) => `python_version == '${minor}'`)
    .join(' or ');
}
