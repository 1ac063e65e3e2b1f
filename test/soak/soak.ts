import { parseArgs } from 'node:util';
import { runSoak } from './runSoak.ts';

// node test/soak/soak.ts --kills 1000 --seed 7 --minutes 120: kills processes of devenv at random moments, and looks
// after each whether a row, a secret or a process is lost. The same seed does the same as far as the machine does.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    minutes: { type: 'string', default: '60' },
  },
});
const result = await runSoak({
  kills: Number(values.kills),
  seed: Number(values.seed),
  minutes: Number(values.minutes),
  say: (line) => void process.stdout.write(`${line}\n`),
});
process.stdout.write(
  `${result.kills} kills in ${Math.round(result.seconds)} s (seed ${values.seed}): ${result.faults.length} faults\n`,
);
for (const [action, count] of Object.entries(result.killsOf)) process.stdout.write(`  ${action}: ${count}\n`);
for (const fault of result.faults) process.stdout.write(`FAULT ${fault}\n`);
process.exitCode = result.faults.length === 0 ? 0 : 1;
