import { setTimeout as sleep } from 'node:timers/promises';
import { killLiving, type OwnProcess } from './ownProcesses.ts';
import type { Random } from './random.ts';
import type { SoakCommand } from './soakCommand.ts';
import type { SoakProject } from './soakProject.ts';

export interface Kill {
  readonly pid: number;
  readonly role: string;
  readonly command: string;
  /** Else the command had ended: what it left, or what runs in any case, was killed. */
  readonly whileItRan: boolean;
}

/** Of the kills while a command runs, so many go to the command itself; else each role is as likely as the others. */
const CLIENT_SHARE = 0.15;
/** In one command; and where a stack runs, which starts again what is killed. */
const [MOST_KILLS, MOST_KILLS_OF_STACK] = [7, 14];
/** Of the rounds; there the command has to succeed, whatever was killed before. */
const NONE_SHARE = 0.1;
/** Commands that were killed leave others at work: so much longer than they usually take kills go on. */
const AFTERMATH = 1.25;

/** Kills processes at random moments of a command that usually takes so long. */
export async function killDuring(
  soak: SoakProject,
  random: Random,
  command: SoakCommand,
  usualMs: number,
): Promise<readonly Kill[]> {
  const begun = performance.now();
  const most = soak.processes().some(({ role }) => role === 'supervisor') ? MOST_KILLS_OF_STACK : MOST_KILLS;
  const moments = Array.from(
    { length: random.next() < NONE_SHARE ? 0 : 1 + Math.floor(random.next() * most) },
    () => random.next() * usualMs * AFTERMATH,
  ).sort((one, other) => one - other);
  const kills: Kill[] = [];
  for (const moment of moments) {
    await sleep(Math.max(0, moment - (performance.now() - begun)));
    const killed = killOne(soak.processes(), random, command);
    if (killed !== undefined) kills.push(killed);
  }
  return kills;
}

function killOne(present: readonly OwnProcess[], random: Random, client: SoakCommand): Kill | undefined {
  const whileItRan = !client.hasEnded() && present.some(({ pid }) => pid === client.pid);
  const victims = present.filter(({ role }) => role !== 'helper');
  if (victims.length === 0) return undefined;
  const ofClient = random.next() < CLIENT_SHARE ? victims.find(({ pid }) => pid === client.pid) : undefined;
  const role = random.pick([...new Set(victims.map((each) => each.role))].sort());
  const victim = ofClient ?? random.pick(victims.filter((each) => each.role === role));
  return killLiving(victim)
    ? { pid: victim.pid, role: victim.role, command: victim.command.slice(0, 100), whileItRan }
    : undefined;
}
