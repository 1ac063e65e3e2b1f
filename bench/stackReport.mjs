import { writeFile } from 'node:fs/promises';
import { machine } from './machine.mjs';
import { table } from './table.mjs';

/** What issue and DESIGN ask for; all but memory and CPU are how many times faster than `airflow standalone`. */
const TARGETS = { warm: 10, cold: 2, chain: 2.5, memory: 0.55, cpu: 1.7, editSeconds: 1 };

export async function writeStackReport(report, file) {
  await writeFile(file, `${INTRODUCTION}\n${stackReport(report)}\n`);
}

const INTRODUCTION = `# Benchmarks of the stack

\`node bench/up.mjs\` measures these. It starts \`devenv up -d\` and \`airflow standalone\` in turns on the same virtual environment, settings, Postgres and DAG files, and waits until each is healthy: the API answers, and scheduler and triggerer (and the dag-processor of Airflow 3) have a heartbeat of this start. Ours is the whole command, from its start to its end, with the start of Postgres; for the other one Postgres runs already. Memory is the proportional set size of everything but Postgres, with our supervisor, the preloaded process and the warm runner of \`run-dag\`.
`;

export function stackReport({ runs, lines }) {
  return [`${machine()}; medians of ${runs} starts of each.`, ...lines.flatMap(lineTable)].join('\n');
}

function lineTable({ airflowVersion, standalone, cold, warm, ours, theirs }) {
  const rows = [
    [
      'start, preloaded process alive',
      seconds(warm),
      seconds(standalone),
      times(standalone / warm),
      `≥ ${TARGETS.warm}x`,
    ],
    [
      'start, everything cold',
      seconds(cold),
      seconds(standalone),
      times(standalone / cold),
      `≥ ${TARGETS.cold}x`,
    ],
    [
      'ten chained tasks',
      seconds(ours.chainSeconds),
      seconds(theirs.chainSeconds),
      times(theirs.chainSeconds / ours.chainSeconds),
      `≥ ${TARGETS.chain}x`,
    ],
    [
      'saved DAG file in the database',
      seconds(ours.editSeconds),
      seconds(theirs.editSeconds),
      times(theirs.editSeconds / ours.editSeconds),
      `≤ ${TARGETS.editSeconds} s`,
    ],
    ...EDITS.map(([what, name]) => [what, seconds(ours.edits[name]), '', '', '']),
    [
      'memory',
      megabytes(ours.bytes),
      megabytes(theirs.bytes),
      times(ours.bytes / theirs.bytes),
      `≤ ${TARGETS.memory}x`,
    ],
    ['processes', ours.processes, theirs.processes, '', ''],
    [
      'idle CPU, of one core',
      percent(ours.idleCpuPercent),
      percent(theirs.idleCpuPercent),
      times(ours.idleCpuPercent / theirs.idleCpuPercent),
      `≤ ${TARGETS.cpu}x`,
    ],
  ];
  const header = ['', '`devenv up -d`', '`airflow standalone`', 'ratio', 'target'];
  return ['', `## Airflow ${airflowVersion}`, '', ...table(header, rows)];
}

/** What else is saved; of these the other one is not measured: most it sees only when it is started anew. */
const EDITS = [
  ['new DAG file in the database', 'created'],
  ['saved helper of a DAG in the database', 'helper'],
  ['deleted DAG file gone from the UI', 'deleted'],
  ['saved plugin told by the API, with the restart', 'plugin'],
];

const seconds = (value) => `${value.toFixed(2)} s`;
const times = (value) => `${value.toFixed(2)}x`;
const percent = (value) => `${value.toFixed(1)} %`;
const megabytes = (value) => `${Math.round(value / 2 ** 20)} MB`;
