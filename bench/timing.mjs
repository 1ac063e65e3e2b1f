import { spawn } from 'node:child_process';

const LONGEST_MS = 280_000;

/** Runs a command to its end; `milliseconds` from before the start until all output is read. Fails unless it ends 0. */
export async function timed(file, args, options = {}) {
  const begun = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS, ...options });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  const milliseconds = performance.now() - begun;
  if (code === 0) return { milliseconds, ...output };
  const tail = `${output.stdout}\n${output.stderr}`.split('\n').slice(-30).join('\n');
  throw new Error(`${[file, ...args].join(' ')} ended with ${code}:\n${tail}`);
}

/**
 * Measures several ways in turns, A B C A B C, so that what else the machine does weighs on all of them alike.
 *
 * @param ways name -> a function that measures once.
 * @returns name -> what it gave, in order.
 */
export async function inTurns(runs, ways) {
  const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const [name, measure] of Object.entries(ways)) results[name].push(await measure());
  }
  return results;
}

export function median(numbers) {
  const sorted = numbers.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
