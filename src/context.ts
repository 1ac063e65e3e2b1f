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
