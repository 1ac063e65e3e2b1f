import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_MS = 180_000;

/** Resolves when the condition holds; throws when it does not within three minutes. */
export async function until(condition) {
  const deadline = performance.now() + LONGEST_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It took too long.');
    await sleep(50);
  }
}
