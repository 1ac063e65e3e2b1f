import { setTimeout as sleep } from 'node:timers/promises';
import { lookForFaults, lookForLeftovers } from './faults.ts';
import { ownProcesses, type OwnProcess } from './ownProcesses.ts';
import { seededRandom, type Random } from './random.ts';
import { createSoakProject, type SoakProject } from './soakProject.ts';
import type { Started } from '../e2e/support/project.ts';

export interface SoakOptions {
  readonly kills: number;
  readonly seed: number;
  /** No kill begins after this time. */
  readonly minutes: number;
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly kills: number;
  readonly killsOf: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** What was lost, left or hung, in words. */
  readonly faults: readonly string[];
}

/** What is killed in the middle of. */
const ACTIONS = {
  'seed': async (soak: SoakProject) => {
    await soak.nextGeneration();
    return soak.start(['seed', '-q']);
  },
  'secrets set': async (soak: SoakProject) => soak.startSecret(),
  'snapshot save': async (soak: SoakProject) =>
    soak.start(['snapshot', 'save', '-q', '-y', '--replace', 'again']),
  'snapshot restore': async (soak: SoakProject) => soak.start(['snapshot', 'restore', '-q', '-y', 'base']),
  'unlockdb': async (soak: SoakProject) => soak.start(['unlockdb', '--yes']),
  'up': async (soak: SoakProject) => soak.start(['up', '-d', '-q']),
  'down': async (soak: SoakProject) => soak.start(['down', '-q']),
  'run-dag': async (soak: SoakProject) => soak.start(['run-dag', '-q', 'dags/soak.py']),
} as const;

/** Before anything is known of how long an action takes. */
const FIRST_GUESS_MS = 2_500;
/** So many kills apart the processes of a project are all told to end, and looked for. */
const LEFTOVERS_EVERY = 4;

/** Kills processes at random moments of random commands, on both databases, and looks after each what was lost. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const random = seededRandom(options.seed);
  const begun = performance.now();
  await using postgres = await createSoakProject('postgres');
  await using sqlite = await createSoakProject('sqlite');
  const projects = [postgres, sqlite];
  const durations = new Map<string, number>();
  const digests = new Map<SoakProject, string>();
  for (const each of projects) digests.set(each, (await each.rows()).digest);
  const [faults, killsOf]: [string[], Record<string, number>] = [[], {}];
  let kills = 0;
  while (kills < options.kills && performance.now() - begun < options.minutes * 60_000) {
    const soak = random.pick(projects);
    const name = random.pick(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]);
    const started = await ACTIONS[name](soak);
    const victim = await killDuring(soak, random, started, name, durations);
    if (victim !== undefined) {
      kills += 1;
      killsOf[name] = (killsOf[name] ?? 0) + 1;
    }
    const where = `kill ${kills}, ${soak.kind}, ${name}, ${victim?.command.slice(0, 80) ?? 'nothing killed'}`;
    options.say(where);
    const found = [
      ...(await lookForFaults(soak, digests.get(soak) ?? '')),
      ...(kills % LEFTOVERS_EVERY === 0 ? await lookForLeftovers(soak) : []),
    ];
    for (const fault of found) {
      faults.push(`${where}: ${fault}`);
      options.say(`  FAULT ${fault}`);
    }
  }
  for (const each of projects) faults.push(...(await lookForLeftovers(each)));
  return { kills, killsOf, seconds: (performance.now() - begun) / 1000, faults };
}

/** @returns what was killed; undefined when all had ended before. */
async function killDuring(
  soak: SoakProject,
  random: Random,
  started: Started,
  name: string,
  durations: Map<string, number>,
): Promise<OwnProcess | undefined> {
  const usual = durations.get(name) ?? FIRST_GUESS_MS;
  await Promise.race([sleep(random.next() * usual), started.ended.catch(() => {})]);
  const present = ownProcesses(soak.folder);
  const victim = present.length === 0 ? undefined : random.pick(present);
  if (victim !== undefined) {
    try {
      process.kill(victim.pid, 'SIGKILL');
    } catch {
      // It ended between the look and the signal.
    }
  }
  const ended = await started.ended.catch((error: unknown) => error as Error);
  if (ended instanceof Error) throw ended;
  if (ended.code === 0 && ended.milliseconds > 0) durations.set(name, ended.milliseconds);
  return victim;
}
