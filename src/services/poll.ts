import { setTimeout as sleep } from 'node:timers/promises';

export interface PollTimes {
  readonly first: number;
  readonly longest: number;
}

/**
 * Asks until the answer is true, less and less often, in milliseconds.
 *
 * @returns false when the signal was aborted first.
 */
export async function poll(
  times: PollTimes,
  signal: AbortSignal,
  ask: () => Promise<boolean>,
): Promise<boolean> {
  for (let wait = times.first; !signal.aborted; wait = Math.min(wait * 1.3, times.longest)) {
    if (await ask()) return true;
    if (!(await pause(wait, signal))) return false;
  }
  return false;
}

/** @returns false when the signal was aborted meanwhile. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
