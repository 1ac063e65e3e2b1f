import { SIGNAL_EXIT_CODES, type InterruptSignal } from '../context.ts';
import { RUN_EVENTS_VERSION } from './events.ts';
import type { RunConnection } from './runConnection.ts';
import type { RunDagControl } from './runDag.ts';

/** Signals and the time limit, told to the run. */
export class RunCancellation {
  readonly #stopListening: () => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #connection: RunConnection | undefined;
  readonly #control: RunDagControl;
  exitCode: number | undefined;

  constructor(connection: RunConnection | undefined, control: RunDagControl, timeout: number | undefined) {
    this.#connection = connection;
    this.#control = control;
    this.#stopListening = control.onInterrupt((signal, count) => this.#interrupted(signal, count));
    if (timeout !== undefined) this.#timers.push(setTimeout(() => this.#timedOut(timeout), timeout));
  }

  stop(): void {
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #interrupted(signal: InterruptSignal, count: number): void {
    this.exitCode ??= SIGNAL_EXIT_CODES[signal];
    if (count > 1) {
      this.#control.note('Killing the run.');
      this.#connection?.cancel('force');
      return;
    }
    this.#control.note(
      'Stopping the run: on_kill is called, the run is marked failed. Ctrl+C again kills it.',
    );
    this.#cancel();
  }

  #timedOut(timeout: number): void {
    this.exitCode ??= 1;
    this.#control.emit({
      v: RUN_EVENTS_VERSION,
      t: timeout,
      event: 'error',
      code: 'timeout',
      what: `The run took longer than ${timeout / 1000} s and is being stopped.`,
      next: ['Give it more time with --timeout'],
    });
    this.#cancel();
  }

  #cancel(): void {
    this.#connection?.cancel('graceful');
    this.#timers.push(setTimeout(() => this.#connection?.cancel('force'), KILL_AFTER_MS));
  }
}

/** After a graceful cancellation a run has this long before it is killed; `on_kill` may have work to do. */
const KILL_AFTER_MS = 30_000;
