import { PROGRAM } from './benchProject.mjs';
import { inTurns, median, timed } from './timing.mjs';

/** Milliseconds until Node alone, `--version` and `--help` have ended: medians. */
export async function measureCli(runs) {
  const wall = (...args) => timed(process.execPath, args).then((result) => result.milliseconds);
  const ways = {
    node: () => wall('-e', '0'),
    version: () => wall(PROGRAM, '--version'),
    help: () => wall(PROGRAM, '--help'),
  };
  await inTurns(2, ways);
  const results = await inTurns(Math.max(runs * 3, 10), ways);
  return Object.fromEntries(Object.entries(results).map(([name, all]) => [name, median(all)]));
}
