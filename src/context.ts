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

/**
 * Listens to what should end the command. `count` is 1 for the first signal, which asks for a graceful end,
 * and more for those that force it.
 *
 * @returns stops listening.
 */
export type OnInterrupt = (listener: (signal: InterruptSignal, count: number) => void) => () => void;
