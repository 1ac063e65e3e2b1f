import { describeEnd } from './soakCommand.ts';
import { BATCH, KEPT } from './soakFiles.ts';
import type { SoakProject } from './soakProject.ts';
import type { TallyState } from './tally.ts';

/** Rows that are gone, changed or half written. The command that looks inserts one more row. */
export async function lookAtRows(soak: SoakProject, tally: TallyState): Promise<string[]> {
  const seen = await soak.rows().catch((error: unknown) => String(error));
  if (typeof seen === 'string') return [`the database can not be read: ${seen}`];
  const expected = soak.database.expectedRows(seen);
  const wrong = soak.database.compare(seen);
  soak.database.inserted(soak.row, true);
  tally.rowsExpected += KEPT + BATCH + expected;
  tally.rowsSeen += seen.kept + seen.batch + seen.committed.length;
  return [
    ...(wrong === undefined ? [] : [wrong]),
    ...(seen.kept === KEPT && seen.digest === soak.digest
      ? []
      : [`seeded rows were lost or changed: ${seen.kept} of ${KEPT} are left`]),
    ...(seen.batch === BATCH && seen.generations.length === 1
      ? []
      : [`a seed is there by halves: ${seen.batch} rows of generations ${seen.generations.join(', ')}`]),
    ...(seen.generation <= soak.generation
      ? []
      : [`rows of a generation that never was: ${seen.generation}`]),
  ];
}

/** The next command of `secrets` brings in or removes what a killed `secrets edit` has left in the clear. */
export async function tidySecrets(soak: SoakProject): Promise<string[]> {
  const args = ['secrets', 'list'];
  const ended = await soak.devenv(args);
  return ended.code === 0 ? [] : [describeEnd(args, ended)];
}

/** Whether the file of secrets has the value that was last set, or one whose command was killed. */
export async function lookAtStoredSecret(soak: SoakProject): Promise<string[]> {
  const { code, stdout, stderr } = await soak.devenv(['secrets', 'get', 'soak']);
  const value = stdout.trim();
  if (code !== 0) return [`secrets get: exit ${code}\n${stderr}`];
  if (!soak.stored.has(value)) return [`secrets get: what was set is not there, but another value`];
  soak.stored.clear();
  soak.stored.add(value);
  return [];
}

/** Whether both snapshots are there, whole or not, as their list says. */
export async function lookAtSnapshots(soak: SoakProject): Promise<string[]> {
  const { code, stdout, stderr } = await soak.devenv(['snapshot', 'list', '--json']);
  if (code !== 0) return [`snapshot list: exit ${code}\n${stderr}`];
  const { snapshots } = JSON.parse(stdout) as { readonly snapshots: readonly { readonly name: string }[] };
  return ['base', 'again']
    .filter((name) => !snapshots.some((each) => each.name === name))
    .map((name) => `snapshot ${name} is lost`);
}
