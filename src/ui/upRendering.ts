import type { DevenvError } from '../errors.ts';
import type { ProgressEvent } from '../events.ts';
import type { StackEvent } from '../stack/events.ts';

/**
 * Shows how a stack is started, restarted or stopped by a command: what happens on stderr, and on stdout what came
 * of it. Nothing here throws because of what it is told.
 */
export interface UpRenderer {
  event(event: StackEvent): void;
  /** Of the command's own work, before there is a stack. */
  progress(event: ProgressEvent): void;
  error(error: DevenvError): void;
  /** A sentence for a person: `Stopping… press Ctrl+C again to force`. */
  note(text: string): void;
  /** A line of what went wrong and is no error of its own: also for those that want to see nothing else. */
  problem(text: string): void;
  /** Something else has the terminal from now on, a dashboard say. The next event is the first of something new. */
  handOver(): void;
  /** Says what came of it and leaves the terminal as it was. Resolves when all is written. */
  close(): Promise<void>;
}
