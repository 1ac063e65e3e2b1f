import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { PLANTS, type Plant } from './plants.ts';
import { runSoak } from './runSoak.ts';
import { newTally, readTally, saveTally, tallyTable } from './tally.ts';

// node test/soak/soak.ts --kills 1000 --seed 7 --minutes 90 --state soak.json: kills processes of devenv at random
// moments, and looks whether a row, a secret or a process is lost. The same seed does the same as far as the machine
// does. --continue soak.json goes on where an earlier one was stopped. --plant lost-row makes a fault of its own,
// which has to be found; several are separated by commas.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    minutes: { type: 'string', default: '60' },
    limit: { type: 'string', default: '150' },
    state: { type: 'string' },
    continue: { type: 'string' },
    plant: { type: 'string' },
  },
});
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const file = values.state ?? values.continue;
const tally = values.continue === undefined ? newTally(Number(values.seed)) : readTally(values.continue);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
});
tally.commits.push({ commit: commit.trim(), fromKill: tally.kills });
await runSoak({
  kills: Number(values.kills),
  seed: tally.seed,
  minutes: Number(values.minutes),
  limitSeconds: Number(values.limit),
  tally,
  plants: (values.plant ?? '').split(',').filter((each): each is Plant => PLANTS.includes(each as Plant)),
  ...(file === undefined ? {} : { evidence: `${file}.evidence` }),
  signal: stop.signal,
  save: (state) => {
    if (file !== undefined) saveTally(file, state);
  },
  say: (line) => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
});
for (const line of tallyTable(tally)) process.stdout.write(`${line}\n`);
for (const { kind, where, text } of tally.faults) process.stdout.write(`FAULT ${kind}: ${where}: ${text}\n`);
process.exitCode = tally.faults.length === 0 ? 0 : 1;
