import path from 'node:path';
import { seededRandom } from './random.ts';
import { createSoakProject, type SoakProject, type SoakTimes } from './soakProject.ts';
import { playRound, type RoundResult } from './soakRound.ts';
import { countKills, newTally, type TallyState } from './tally.ts';
import { lookForLeftovers } from './lookAtProcesses.ts';
import { lookForSecrets } from './lookAtFiles.ts';
import type { Plant } from './plants.ts';

export interface SoakOptions {
  readonly kills: number;
  readonly seed: number;
  /** No round begins after so much time from the first one on. */
  readonly minutes: number;
  readonly say: (line: string) => void;
  /** Of an earlier soak, to go on with; its seed holds. */
  readonly tally?: TallyState;
  /** A folder in which what belongs to a fault is kept. */
  readonly evidence?: string;
  /** The soak makes these faults itself, in the first round of each project. */
  readonly plants?: readonly Plant[];
  /** A command that takes longer hangs. */
  readonly limitSeconds?: number;
  /** Processes have so long to notice that what they belong to was killed. */
  readonly settleSeconds?: number;
  /** Else both. */
  readonly kinds?: readonly SoakProject['kind'][];
  /** After each round. */
  readonly save?: (tally: TallyState) => void;
  /** No round begins after it. */
  readonly signal?: AbortSignal;
}

const [LIMIT_S, SETTLE_S] = [150, 15];

/** Kills processes at random moments of random commands, on both databases at once, and looks what was lost. */
export async function runSoak(options: SoakOptions): Promise<TallyState> {
  const tally = options.tally ?? newTally(options.seed);
  const times = {
    limitMs: 1000 * (options.limitSeconds ?? LIMIT_S),
    settleMs: 1000 * (options.settleSeconds ?? SETTLE_S),
  };
  await using projects = await createAll(options.kinds ?? ['postgres', 'sqlite'], times);
  const begun = performance.now() - tally.seconds * 1000;
  const deadline = performance.now() + options.minutes * 60_000;
  const isOver = (): boolean =>
    tally.kills >= options.kills || performance.now() > deadline || options.signal?.aborted === true;
  const after = (): void => {
    tally.seconds = (performance.now() - begun) / 1000;
    options.save?.(tally);
  };
  await Promise.all(projects.all.map((soak) => soakOne(soak, options, tally, { isOver, after })));
  return tally;
}

/** @throws the first error, when those that could be made are gone again. */
async function createAll(
  kinds: readonly SoakProject['kind'][],
  times: SoakTimes,
): Promise<AsyncDisposable & { readonly all: readonly SoakProject[] }> {
  const settled = await Promise.allSettled(kinds.map((kind) => createSoakProject(kind, times)));
  const all = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(all.map((each) => each[Symbol.asyncDispose]()));
  };
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed === undefined) return { all, [Symbol.asyncDispose]: dispose };
  await dispose();
  throw failed.reason;
}

interface Control {
  readonly isOver: () => boolean;
  readonly after: () => void;
}

async function soakOne(
  soak: SoakProject,
  options: SoakOptions,
  tally: TallyState,
  { isOver, after }: Control,
): Promise<void> {
  const random = seededRandom(tally.random[soak.kind] ?? tally.seed + soak.kind.length);
  const durations = new Map<string, number>();
  const isPlanted = (round: number): boolean => round === 1 && options.plants !== undefined;
  for (let round = 1; isPlanted(round) || !isOver(); round += 1) {
    const plants = isPlanted(round) ? (options.plants ?? []) : [];
    const evidence = options.evidence && path.join(options.evidence, `${tally.rounds}-${soak.kind}`);
    const place = { soak, random, tally, durations, round, plants };
    const result = await playRound(evidence === undefined ? place : { ...place, evidence });
    note(soak, result, tally, options.say);
    tally.random[soak.kind] = random.state;
    after();
  }
  await lookAtLast(soak, tally, options.say);
  after();
}

function note(soak: SoakProject, result: RoundResult, tally: TallyState, say: (line: string) => void): void {
  countKills(tally, soak.kind, result.action, result.kills);
  tally.rounds += 1;
  const killed = result.kills.map(({ role, whileItRan }) => (whileItRan ? role : `(${role})`)).join(', ');
  const where = `${tally.kills} kills, ${soak.kind}, ${result.action}: ${killed || 'none'}`;
  say(where);
  for (const fault of result.faults) {
    tally.faults.push({ ...fault, where });
    say(`  FAULT ${fault.kind}: ${fault.text}`);
  }
}

async function lookAtLast(soak: SoakProject, tally: TallyState, say: (line: string) => void): Promise<void> {
  const where = `${soak.kind}, at the end`;
  const faults = [
    ...(await lookForLeftovers(soak)).map((text) => ({ kind: 'processes' as const, where, text })),
    ...(await lookForSecrets(soak)).map((text) => ({ kind: 'secrets' as const, where, text })),
  ];
  tally.faults.push(...faults);
  for (const { kind, text } of faults) say(`${where}\n  FAULT ${kind}: ${text}`);
}
