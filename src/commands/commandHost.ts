import type { OnInterrupt } from '../context.ts';

/** What every command gets from the process it runs in. */
export interface CommandHost {
  readonly host: NodeJS.Process;
  readonly onInterrupt: OnInterrupt;
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** From now on signals are a child's: they neither abort our work nor end us. */
  readonly handOverSignals: () => void;
}
