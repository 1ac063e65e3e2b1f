import { expect, test } from 'vitest';
import { PLANTS } from '../soak/plants.ts';
import { runSoak } from '../soak/runSoak.ts';
import { tallyTable } from '../soak/tally.ts';

/** The long form is `node test/soak/soak.ts --kills 1000 --minutes 90 --state soak.json`. */
test('some kills at random moments, on both databases: no row, no secret and no process is lost', async () => {
  const said: string[] = [];
  const tally = await runSoak({ kills: 30, seed: 4, minutes: 0.8, say: (line) => said.push(line) });
  expect(tally.faults, said.join('\n')).toEqual([]);
  expect(tally.kills, tallyTable(tally).join('\n')).toBeGreaterThan(4);
});

test('rows, secrets and processes that are lost, and a command that hangs, are found', async () => {
  const tally = await runSoak({ kills: 1, seed: 4, minutes: 0.01, plants: PLANTS, say: () => {} });
  for (const kind of ['postgres', 'sqlite']) {
    const found = tally.faults.filter(({ where }) => where.includes(kind)).map((each) => each.kind);
    expect(found).toEqual(expect.arrayContaining(['rows', 'secrets', 'processes', 'hangs']));
  }
});
