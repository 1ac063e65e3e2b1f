import { expect, test } from 'vitest';
import { runSoak } from '../soak/runSoak.ts';

/** The long form is `node test/soak/soak.ts --kills 1000 --minutes 180`. */
test('a dozen kills at random moments, on both databases: no row, no secret and no process is lost', async () => {
  const told: string[] = [];
  const result = await runSoak({ kills: 12, seed: 4, minutes: 1.5, say: (line) => told.push(line) });
  expect(result.faults, told.join('\n')).toEqual([]);
  expect(result.kills).toBeGreaterThan(2);
});
