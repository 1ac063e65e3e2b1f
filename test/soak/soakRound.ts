import { ACTION_WEIGHTS, notActing, startAction, type ActionName } from './actions.ts';
import { keepEvidence } from './evidence.ts';
import { killDuring, type Kill } from './kills.ts';
import { lookForSecrets } from './lookAtFiles.ts';
import { lookAtReports, lookForLeftovers } from './lookAtProcesses.ts';
import { lookAtRows, lookAtSnapshots, lookAtStoredSecret, tidySecrets } from './lookAtRows.ts';
import { hangingCommand, plantFaults, type Plant } from './plants.ts';
import type { Random } from './random.ts';
import { describeEnd, type Ended, type SoakCommand } from './soakCommand.ts';
import type { SoakProject } from './soakProject.ts';
import { countLook, type Fault, type FaultKind, type TallyState } from './tally.ts';

export interface RoundResult {
  readonly action: ActionName;
  readonly kills: readonly Kill[];
  readonly faults: readonly Omit<Fault, 'where'>[];
}

export interface RoundPlace {
  readonly soak: SoakProject;
  readonly random: Random;
  readonly tally: TallyState;
  /** Milliseconds that each command takes when it is left alone. */
  readonly durations: Map<string, number>;
  /** Counts from 1. */
  readonly round: number;
  /** Made in this round. */
  readonly plants: readonly Plant[];
  /** Where what belongs to a fault is copied to. */
  readonly evidence?: string;
}

/** Before anything is known of how long a command takes; and no kill waits for longer than this. */
const [FIRST_GUESS_MS, LONGEST_MS] = [2_500, 12_000];
const STANDING_SHARE = 0.45;
/** Rounds from one look to the next at what costs seconds: each place for secrets, `list` and `doctor`, `down --all`. */
const [REPORTS_EVERY, LEFTOVERS_EVERY] = [4, 16];

/** One command, processes that are killed meanwhile, and a look at what is left. */
export async function playRound(place: RoundPlace): Promise<RoundResult> {
  const { soak, random, durations } = place;
  const standing = await standUp(place);
  const [action, since] = [random.pickWeighted(ACTION_WEIGHTS), Date.now()];
  const hangs = place.plants.includes('hang');
  const started = hangs ? notActing(hangingCommand(soak)) : await startAction(action, soak);
  const usual = Math.min(LONGEST_MS, durations.get(action) ?? FIRST_GUESS_MS);
  const kills = hangs ? [] : await killDuring(soak, random, started.command, usual);
  const ended = await started.command.ended;
  started.finished(ended.code === 0);
  await started.cleanUp?.();
  if (ended.code === 0) durations.set(action, (2 * usual + ended.milliseconds) / 3);
  await plantFaults(soak, place.plants);
  const faults = [
    ...standing,
    ...lookAtEnd(action, kills, ended, started.command),
    ...(await lookAtAll(place, action, since)),
  ];
  if (faults.length > 0) {
    if (place.evidence !== undefined)
      await keepEvidence(soak, place.evidence, [JSON.stringify(kills), ...faults.map(({ text }) => text)]);
    const left = await lookForLeftovers(soak);
    faults.push(...left.map((text) => ({ kind: 'processes' as const, text })));
  }
  return { action, kills, faults };
}

/** In a share of the rounds the stack runs before something is killed. */
async function standUp({ soak, random, plants }: RoundPlace): Promise<Omit<Fault, 'where'>[]> {
  if (random.next() >= STANDING_SHARE || plants.length > 0) return [];
  const args = ['up', '-d', '-q'];
  const ended = await soak.devenv(args);
  return ended.code === 0 ? [] : [{ kind: ended.hung ? 'hangs' : 'others', text: describeEnd(args, ended) }];
}

/** A command may fail when something of ours is killed, but in words, in time, and not without a reason. */
function lookAtEnd(
  action: ActionName,
  kills: readonly Kill[],
  ended: Ended,
  { pid }: SoakCommand,
): Omit<Fault, 'where'>[] {
  const text = describeEnd([action], ended);
  if (ended.hung) return [{ kind: 'hangs', text }];
  const isKilled = kills.some((each) => each.pid === pid);
  if (ended.code === undefined) return isKilled ? [] : [{ kind: 'others', text }];
  const isBug = /bug in devenv|Traceback|^\s+at .*\.js:\d+/m.test(ended.stderr);
  const isUnexplained = ended.code !== 0 && kills.length === 0;
  return isBug || isUnexplained ? [{ kind: 'others', text }] : [];
}

async function lookAtAll(
  place: RoundPlace,
  action: ActionName,
  since: number,
): Promise<Omit<Fault, 'where'>[]> {
  const { soak, round, tally } = place;
  const faults: Omit<Fault, 'where'>[] = [];
  const look = async (kind: FaultKind, what: string, find: () => Promise<string[]>): Promise<void> => {
    countLook(tally, what);
    const found = await find().catch((error: unknown) => [String(error)]);
    for (const text of found) {
      faults.push({ kind: text.includes('did not end within its limit') ? 'hangs' : kind, text });
    }
  };
  const isThorough = round % REPORTS_EVERY === 0 || place.plants.length > 0;
  if (isThorough || action === 'secrets edit') {
    await look('secrets', 'secrets list', () => tidySecrets(soak));
  }
  if (isThorough) await look('processes', 'list and doctor', () => lookAtReports(soak));
  await look('rows', 'rows', () => lookAtRows(soak, tally));
  await look('secrets', 'new files', () => lookForSecrets(soak, since));
  if (isThorough) {
    await look('rows', 'the stored secret', () => lookAtStoredSecret(soak));
    await look('rows', 'snapshots', () => lookAtSnapshots(soak));
    await look('secrets', 'all files', () => lookForSecrets(soak));
  }
  if (round % LEFTOVERS_EVERY === 0) await look('processes', 'down --all', () => lookForLeftovers(soak));
  return faults;
}
