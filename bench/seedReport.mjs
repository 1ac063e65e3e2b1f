import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { machine } from './machine.mjs';
import { seconds, table } from './table.mjs';

/** How many times faster than Airflow's imports, and the time of a seed with nothing to do. */
const TARGET_ROW = ['target, of 1000', '', '≥ 6x', '≥ 3x', '< 1.00 s'];

const INTRODUCTION = `# Benchmarks of seeding

\`node bench/seed.mjs --write\` measures these: \`devenv seed\` as a whole command against \`airflow variables import\`, \`connections import\` and \`pools import\` one after the other, the same values in the same virtual environment and database, in turns. To each number of variables come a tenth as many connections and pools.
`;

export async function writeSeedReport(report, runs) {
  const file = path.resolve(import.meta.dirname, '../docs/benchmarks-seed.md');
  await writeFile(file, `${INTRODUCTION}\n${seedReport(report, runs)}`);
}

export function seedReport(report, runs) {
  const versions = [...new Set(report.map((each) => each.airflowVersion))];
  const lines = versions.flatMap((version) => [
    '',
    `## Airflow ${version}`,
    '',
    ...table(
      ['variables', 'Airflow’s imports', 'with a warm runner', 'without one', 'nothing to do'],
      [...report.filter((each) => each.airflowVersion === version).map(row), TARGET_ROW],
    ),
  ]);
  return `${machine()}; medians of ${runs}.\n${lines.join('\n')}\n`;
}

function row({ size, imports, warm, withoutRunner, unchanged }) {
  const against = (time) => `${seconds(time)}, ${(imports / time).toFixed(1)}x`;
  return [size, seconds(imports), against(warm), against(withoutRunner), seconds(unchanged)];
}
