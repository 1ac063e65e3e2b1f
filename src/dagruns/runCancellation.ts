import type { WaitWatch } from '../database/locks/watchWaits.ts';
import { SIGNAL_EXIT_CODES, type InterruptSignal } from '../context.ts';
import { RUN_EVENTS_VERSION } from './events.ts';
import type { RunConnection } from './runConnection.ts';
import type { RunDagControl } from './runDagControl.ts';

/** Signals and the time limit, told to the run. */
export class RunCancellation {
  readonly #stopListening: () => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #connection: RunConnection | undefined;
  readonly #control: RunDagControl;
  readonly #watch: Pick<WaitWatch, 'waitsFor' | 'hurry'> | undefined;
  #killed = false;
  exitCode: number | undefined;

  constructor(
    connection: RunConnection | undefined,
    control: RunDagControl,
    timeout: number | undefined,
    watch: Pick<WaitWatch, 'waitsFor' | 'hurry'> | undefined,
  ) {
    this.#connection = connection;
    this.#watch = watch;
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
    // A process that waits for the database hears no signal: there is nothing of the author's in it to end well.
    this.#watch?.hurry();
    this.#timers.push(setInterval(() => this.#killWhenItWaits(), LOOK_MS));
    this.#timers.push(setTimeout(() => this.#connection?.cancel('force'), KILL_AFTER_MS));
  }

  #killWhenItWaits(): void {
    if (this.#watch?.waitsFor === undefined || this.#killed) return;
    this.#killed = true;
    this.#control.note('The run waits for the database, and is killed; the next run marks it as failed.');
    this.#connection?.cancel('force');
  }
}

const LOOK_MS = 100;

/** After a graceful cancellation a run has this long before it is killed; `on_kill` may have work to do. */
const KILL_AFTER_MS = 30_000;
