import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { machine } from './machine.mjs';

/** Of 1 000 variables: how many times faster than Airflow's imports, and the milliseconds of a seed with nothing to do. */
const TARGETS = { size: 1000, warm: 6, withoutRunner: 3, unchanged: 1000 };

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
    '| variables | Airflow’s imports | with a warm runner | without one | nothing to do |',
    '| --- | --- | --- | --- | --- |',
    ...report.filter((each) => each.airflowVersion === version).map(row),
    `| target, of ${TARGETS.size} | | ≥ ${TARGETS.warm}x | ≥ ${TARGETS.withoutRunner}x | < ${seconds(TARGETS.unchanged)} |`,
  ]);
  return `${machine()}; medians of ${runs}.\n${lines.join('\n')}\n`;
}

function row({ size, imports, warm, withoutRunner, unchanged }) {
  const against = (time) => `${seconds(time)}, ${(imports / time).toFixed(1)}x`;
  const cells = [size, seconds(imports), against(warm), against(withoutRunner), seconds(unchanged)];
  return `| ${cells.join(' | ')} |`;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
