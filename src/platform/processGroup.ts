import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a signal to a process group; a group that is gone is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether a process with this pid is there, a zombie included. The cheapest of all looks. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process of the group is there, a zombie included. */
function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * SIGTERM to the leader alone, who knows in which order its own have to end; SIGKILL to its group after the grace.
 *
 * @returns whether the group is gone.
 */
export async function endLeader(leader: number, graceMs: number): Promise<boolean> {
  try {
    process.kill(leader, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  if (await isGone(leader, graceMs)) return true;
  signalGroup(leader, 'SIGKILL');
  return isGone(leader, 5_000);
}

/**
 * SIGTERM to a process group, SIGKILL after the grace.
 *
 * @returns whether the group is gone.
 */
export async function endGroup(group: number, graceMs: number): Promise<boolean> {
  signalGroup(group, 'SIGTERM');
  if (await isGone(group, graceMs)) return true;
  signalGroup(group, 'SIGKILL');
  return isGone(group, 5_000);
}

async function isGone(group: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (let wait = 2; groupExists(group); wait = Math.min(wait * 1.5, 50)) {
    if (performance.now() > deadline) return false;
    await sleep(wait);
  }
  return true;
}
