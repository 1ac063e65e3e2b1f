import { expect, test } from 'vitest';
import { PLANTS } from '../soak/plants.ts';
import { runSoak } from '../soak/runSoak.ts';
import { tallyTable } from '../soak/tally.ts';

/** The long form is `node test/soak/soak.ts --kills 1000 --minutes 90 --state soak.json`. */
test('some kills at random moments, on both databases: no row, no secret and no process is lost', async () => {
  const said: string[] = [];
  const tally = await runSoak({ kills: 40, seed: 4, minutes: 0.4, say: (line) => said.push(line) });
  expect(tally.faults, said.join('\n')).toEqual([]);
  expect(tally.kills, tallyTable(tally).join('\n')).toBeGreaterThan(3);
});

test('a row, a secret and a process that are lost, and a command that hangs, are found', async () => {
  const found = await runSoak({
    ...{ kills: 1, seed: 4, minutes: 0, settleSeconds: 1 },
    ...{ kinds: ['sqlite'], plants: PLANTS, say: () => {} },
  });
  const kinds = new Set(found.faults.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['rows', 'secrets', 'processes', 'hangs']));
});
