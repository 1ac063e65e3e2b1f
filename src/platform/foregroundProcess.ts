import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { InterruptSignal, OnInterrupt } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { childVariables } from './childVariables.ts';
import { errorCode } from './fileSystemError.ts';

export interface ForegroundOptions {
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly onInterrupt: OnInterrupt;
  /** Whether Ctrl+C reaches the child without us, because both have the same terminal. */
  readonly sharesTerminal: boolean;
  /** What SIGTERM is passed on as: a shell that talks to a person ignores SIGTERM. */
  readonly terminateWith?: NodeJS.Signals;
}

/**
 * Runs a program in our place: its input, output and terminal are ours, and the signals we get are passed on.
 *
 * @returns its exit code, 128 and the number for a signal.
 * @throws DevenvError `command_not_found` (misuse).
 */
export async function runInForeground(
  file: string,
  args: readonly string[],
  options: ForegroundOptions,
): Promise<number> {
  const child = spawn(file, args, {
    env: childVariables(options.env),
    cwd: options.cwd,
    stdio: 'inherit',
  });
  const stopListening = options.onInterrupt((signal) => {
    if (signal === 'SIGINT' && options.sharesTerminal) return;
    child.kill(passedOn(signal, options));
  });
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(notStarted(file, error)));
      child.once('exit', (code, signal) => {
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
      });
    });
  } finally {
    stopListening();
  }
}

function passedOn(signal: InterruptSignal, options: ForegroundOptions): NodeJS.Signals {
  return signal === 'SIGTERM' ? (options.terminateWith ?? signal) : signal;
}

function notStarted(file: string, error: Error): unknown {
  const code = errorCode(error);
  if (code !== 'ENOENT' && code !== 'EACCES') return error;
  return new DevenvError({
    code: 'command_not_found',
    what: `Can't run ${file}.`,
    why: code === 'ENOENT' ? 'There is no such program.' : 'It is not an executable file.',
    misuse: true,
    cause: error,
  });
}
