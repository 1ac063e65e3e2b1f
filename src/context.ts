import type { EmitProgress } from './events.ts';

/** Everything a command takes from the machine. Passed in, so that tests decide it. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly workingDirectory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly emit: EmitProgress;
  /** Aborted by the first Ctrl+C or SIGTERM. */
  readonly signal: AbortSignal;
}

export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** As a shell gives them: 128 and the signal's number. */
export const SIGNAL_EXIT_CODES: Readonly<Record<InterruptSignal, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
};

/**
 * Listens to what should end the command. `count` is 1 for the first signal, which asks for a graceful end,
 * and more for those that force it.
 *
 * @returns stops listening.
 */
export type OnInterrupt = (listener: (signal: InterruptSignal, count: number) => void) => () => void;
