import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { childVariables } from './childVariables.ts';

export interface PipedProcess {
  /** What the child writes to descriptor 3. */
  readonly output: Readable;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/**
 * Starts a child in a process group of its own, so that the terminal's Ctrl+C reaches this process only. Its
 * standard output and error are appended to `logFile`.
 */
export function startPipedProcess(
  file: string,
  args: readonly string[],
  options: { env: Readonly<Record<string, string>>; cwd: string; input: string; logFile: string },
): PipedProcess {
  mkdirSync(path.dirname(options.logFile), { recursive: true, mode: 0o700 });
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(file, args, {
    env: childVariables(options.env),
    cwd: options.cwd,
    detached: true,
    stdio: ['pipe', log, log, 'pipe'],
  });
  closeSync(log);
  // A child that has ended does not read its input; its missing `exit` event says so.
  child.stdin?.on('error', () => {});
  child.on('error', () => {});
  child.stdin?.end(options.input);
  return {
    output: child.stdio[3] as Readable,
    kill: (signal) => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(child.pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
  };
}
