import type { Context } from '../src/context.ts';

/** What the program's own functions need, for scripts and tests that call them without a command. Nothing is told. */
export function scriptContext(signal: AbortSignal = new AbortController().signal): Context {
  return {
    env: process.env,
    platform: process.platform,
    workingDirectory: process.cwd(),
    now: Date.now,
    emit: () => {},
    signal,
  };
}
