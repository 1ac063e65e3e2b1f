import type { RunEvent } from '../dagruns/events.ts';
import type { DevenvError } from '../errors.ts';
import type { ProgressEvent } from '../events.ts';

/** Shows one or more DAG runs of one command. Nothing here throws because of what it is told. */
export interface RunRenderer {
  progress(event: ProgressEvent): void;
  run(event: RunEvent): void;
  error(error: DevenvError): void;
  /** A sentence for a person: `Stopping… press Ctrl+C again to force`. */
  note(text: string): void;
  /** Somebody types on the terminal from now on: nothing is redrawn until the next task begins. */
  handOver(): void;
  /** Leaves the terminal as it was. Resolves when all is written; the process may end then. */
  close(): Promise<void>;
}
