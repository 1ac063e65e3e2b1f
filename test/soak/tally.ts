import { readFileSync, writeFileSync } from 'node:fs';
import type { Kill } from './kills.ts';

export type FaultKind = 'rows' | 'secrets' | 'processes' | 'hangs' | 'others';
export interface Fault {
  readonly kind: FaultKind;
  /** Which round, command and kills it came after. */
  readonly where: string;
  readonly text: string;
}

/** All that a soak has counted; saved after each round, so that another process can go on. */
export interface TallyState {
  readonly seed: number;
  kills: number;
  rounds: number;
  seconds: number;
  rowsExpected: number;
  rowsSeen: number;
  readonly looks: Record<string, number>;
  /** `postgres`, a command and a role: how often. */
  readonly killsBy: {
    readonly kind: string;
    readonly action: string;
    readonly role: string;
    count: number;
  }[];
  killsAfterwards: number;
  readonly faults: Fault[];
  /** Of the random numbers of each project. */
  readonly random: Record<string, number>;
  /** Which commit ran from which kill on. */
  readonly commits: { readonly commit: string; readonly fromKill: number }[];
}

export function newTally(seed: number): TallyState {
  return {
    seed,
    ...{ kills: 0, rounds: 0, seconds: 0, rowsExpected: 0, rowsSeen: 0, killsAfterwards: 0 },
    ...{ looks: {}, killsBy: [], faults: [], random: {}, commits: [] },
  };
}

export function readTally(file: string): TallyState {
  return JSON.parse(readFileSync(file, 'utf8')) as TallyState;
}

export function saveTally(file: string, tally: TallyState): void {
  writeFileSync(file, `${JSON.stringify(tally, undefined, 1)}\n`);
}

export function countKills(tally: TallyState, kind: string, action: string, kills: readonly Kill[]): void {
  for (const { role, whileItRan } of kills) {
    tally.kills += 1;
    if (!whileItRan) tally.killsAfterwards += 1;
    const found = tally.killsBy.find(
      (each) => each.kind === kind && each.action === action && each.role === role,
    );
    if (found === undefined) tally.killsBy.push({ kind, action, role, count: 1 });
    else found.count += 1;
  }
}

export function countLook(tally: TallyState, what: string): void {
  tally.looks[what] = (tally.looks[what] ?? 0) + 1;
}

/** The figures of a soak as a table. */
export function tallyTable(tally: TallyState): readonly string[] {
  const minutes = (tally.seconds / 60).toFixed(1);
  const kindsOfFaults: readonly FaultKind[] = ['rows', 'secrets', 'processes', 'hangs', 'others'];
  return [
    `${tally.kills} kills in ${tally.rounds} rounds, ${minutes} minutes, seed ${tally.seed}; ` +
      `${tally.kills - tally.killsAfterwards} while the command ran, ${tally.killsAfterwards} in what it left`,
    ...tally.commits.map(({ commit, fromKill }) => `commit ${commit} from kill ${fromKill + 1} on`),
    ...section(tally, 'command', (each) => each.action),
    ...section(tally, 'process', (each) => each.role),
    `rows looked for ${tally.rowsExpected}, found ${tally.rowsSeen}`,
    `looked at ${Object.entries(tally.looks)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}`,
    `faults: ${kindsOfFaults
      .map((kind) => `${kind} ${tally.faults.filter((each) => each.kind === kind).length}`)
      .join(', ')}`,
  ];
}

function section(
  { killsBy }: TallyState,
  title: string,
  keyOf: (each: TallyState['killsBy'][number]) => string,
): string[] {
  const row = (name: string, matches: (each: TallyState['killsBy'][number]) => boolean): string => {
    const of = (kind?: string): string =>
      String(
        killsBy
          .filter((each) => matches(each) && (kind === undefined || each.kind === kind))
          .reduce((sum, { count }) => sum + count, 0),
      ).padStart(10);
    return `${name.padEnd(24)}${of('postgres')}${of('sqlite')}${of()}`;
  };
  const keys = [...new Set(killsBy.map(keyOf))].sort();
  return [
    `${`kills by ${title}`.padEnd(24)}${['postgres', 'sqlite', 'all'].map((each) => each.padStart(10)).join('')}`,
    ...keys.map((key) => row(key, (each) => keyOf(each) === key)),
    row('all', () => true),
  ];
}
