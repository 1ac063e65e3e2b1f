import type { Duplex } from 'node:stream';
import type { OnInterrupt } from '../context.ts';
import type { Question, RunEvent } from './events.ts';

export interface RunDagControl {
  readonly emit: (event: RunEvent) => void;
  /** Words for the person, beside the events. */
  readonly note: (text: string) => void;
  readonly onInterrupt: OnInterrupt;
  /** Asks a person; undefined where there is none. Resolves with undefined when there is no answer. */
  readonly ask?:
    ((question: Question, signal: AbortSignal) => Promise<readonly string[] | undefined>) | undefined;
  /** Lends a person's terminal to the debugger of a task's `breakpoint()`; undefined where there is none. */
  readonly debug?: ((conversation: Duplex) => Promise<void>) | undefined;
  /** Beyond what the project and the shell give; `--env-file`. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
}
