import type { ServiceDriver, ServiceSignal } from '../services/driver.ts';
import type { Need, ServiceDefinition } from '../services/service.ts';
import { stopOrder, withNeeds } from './plan.ts';
import {
  backoff,
  EMPTY_STATE,
  isIdle,
  nextState,
  type ServiceEvent,
  type ServiceState,
} from './serviceState.ts';

export interface EngineOptions {
  readonly definitions: readonly ServiceDefinition[];
  readonly driverOf: (service: string) => ServiceDriver;
  readonly onChange: (service: string, state: ServiceState) => void;
  /** What made a service fail, in full. */
  readonly onError: (service: string, error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Carries out what was asked for: each service starts when what it needs is there, is started again when it ends
 * by itself, and stops after everything that needs it. States change through `nextState` only.
 */
export class StackEngine {
  readonly #options: EngineOptions;
  readonly #states: Map<string, ServiceState>;
  readonly #runs = new Map<string, { readonly abort: AbortController; readonly over: Promise<void> }>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  /** Stopped only for a moment: who waits for them goes on waiting. */
  readonly #restarting = new Set<string>();
  readonly #watchers = new Set<() => void>();
  /** Stops and restarts come one after the other: two at once would each start what the other stops. */
  #lastTurn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#states = new Map(options.definitions.map(({ name }) => [name, EMPTY_STATE]));
  }

  get definitions(): readonly ServiceDefinition[] {
    return this.#options.definitions;
  }

  state(service: string): ServiceState {
    return this.#states.get(service) ?? EMPTY_STATE;
  }

  /**
   * Asks for services and what they need (all when none is named).
   *
   * @returns the names of all that were asked for.
   * @throws DevenvError `service_unknown` (misuse).
   */
  start(wanted: readonly string[]): ReadonlySet<string> {
    const names = withNeeds(this.definitions, wanted);
    if (this.#closed) return names;
    for (const name of names) this.#apply(name, { type: 'asked' });
    this.#advance();
    return names;
  }

  /**
   * Resolves when each is ready or completed, with nothing; or as soon as one has failed, with its name; or when
   * the signal is aborted.
   */
  async settled(names: ReadonlySet<string>, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const failed = [...names].find((name) => isIdle(this.state(name)) && !this.#restarting.has(name));
      if (failed !== undefined) return failed;
      if ([...names].every((name) => isThere(this.state(name)))) return undefined;
      await this.#nextChange(signal);
      signal.throwIfAborted();
    }
  }

  /** Stops these services, and before them what needs them. */
  async stop(names: readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#stop(names));
  }

  /**
   * From the call on who waits for these services waits for the new ones.
   *
   * @param between what has to be done when the old ones have stopped.
   * @returns the names of all that were started again: these, and those that need them and were there.
   */
  async restart(
    names: readonly string[],
    between: () => Promise<void> = async () => {},
  ): Promise<ReadonlySet<string>> {
    const again = stopOrder(this.definitions, names).filter((name) => !isIdle(this.state(name)));
    const all = new Set([...names, ...again]);
    for (const name of all) this.#restarting.add(name);
    return this.#inTurn(async () => {
      try {
        await this.#stop(names);
        await between();
      } finally {
        for (const name of all) this.#restarting.delete(name);
      }
      return this.start([...all]);
    });
  }

  /** From now on nothing is started any more. */
  close(): void {
    this.#closed = true;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastTurn.then(work, work);
    this.#lastTurn = turn;
    return turn;
  }

  async #stop(names: readonly string[]): Promise<void> {
    const order = stopOrder(this.definitions, names);
    for (const name of order) this.#apply(name, { type: 'stop' });
    const stopped = new Map<string, Promise<void>>();
    const stopOf = (name: string): Promise<void> => {
      const known = stopped.get(name);
      if (known !== undefined) return known;
      const before = this.#stoppedBefore(name).filter((each) => order.includes(each));
      // What could not be stopped keeps nothing else from being stopped.
      const stop = Promise.allSettled(before.map(stopOf)).then(() => this.#stopOne(name));
      stopped.set(name, stop);
      return stop;
    };
    const ends = await Promise.allSettled(order.map(stopOf));
    this.#advance();
    const failure = ends.find((each) => each.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  async #stopOne(name: string): Promise<void> {
    clearTimeout(this.#retries.get(name));
    const run = this.#runs.get(name);
    run?.abort.abort();
    const driver = this.#options.driverOf(name);
    try {
      await driver.stop();
      await run?.over;
      // What was just being started may have got there after the first word.
      if (run !== undefined) await driver.stop();
    } finally {
      this.#apply(name, { type: 'stopped' });
    }
  }

  #apply(name: string, event: ServiceEvent): boolean {
    const state = nextState(this.state(name), event, this.#options.now());
    if (state === null) return false;
    this.#states.set(name, state);
    this.#options.onChange(name, state);
    for (const watcher of [...this.#watchers]) watcher();
    return true;
  }

  /** Begins every service whose turn has come, and gives up those whose need has failed. */
  #advance(): void {
    for (const { name, needs } of this.definitions) {
      if (this.state(name).status !== 'waiting') continue;
      const failed = needs.find((need) => isIdle(this.state(need.service)));
      const missing = needs.find((need) => !this.#isMet(need));
      if (failed !== undefined)
        this.#apply(name, { type: 'refused', detail: `${failed.service} does not run` });
      else if (missing === undefined) this.#begin(name);
      else this.#tellProgress(name, `for ${missing.service}`);
    }
  }

  #tellProgress(name: string, detail: string): void {
    if (this.state(name).detail !== detail) this.#apply(name, { type: 'progress', detail });
  }

  #begin(name: string): void {
    if (!this.#apply(name, { type: 'begun' })) return;
    const abort = new AbortController();
    const tell = (signal: ServiceSignal): void => {
      if (this.#apply(name, signal)) this.#react(name);
    };
    const over = this.#options
      .driverOf(name)
      .run(tell, abort.signal)
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        this.#options.onError(name, error);
        const detail = error instanceof Error ? error.message : String(error);
        this.#apply(name, { type: 'refused', detail });
        this.#advance();
      });
    this.#runs.set(name, { abort, over });
  }

  #react(name: string): void {
    if (this.state(name).status === 'backing-off') {
      const timer = setTimeout(() => this.#again(name), backoff(this.state(name)));
      this.#retries.set(name, timer);
    }
    this.#advance();
  }

  /** What it needs may have gone meanwhile; it then waits for that. */
  #again(name: string): void {
    const needs = this.definitions.find((each) => each.name === name)?.needs ?? [];
    if (this.state(name).status !== 'backing-off') return;
    if (needs.every((need) => this.#isMet(need))) this.#begin(name);
    else
      this.#retries.set(
        name,
        setTimeout(() => this.#again(name), backoff(this.state(name))),
      );
  }

  #isMet(need: Need): boolean {
    const { status } = this.state(need.service);
    if (need.condition === 'completed') return status === 'completed';
    if (need.condition === 'ready') return status === 'ready';
    return status === 'ready' || status === 'starting' || status === 'unhealthy';
  }

  #stoppedBefore(name: string): string[] {
    const outlived = this.definitions.find((each) => each.name === name)?.outlives ?? [];
    const needing = this.definitions.filter((each) => each.needs.some((need) => need.service === name));
    return [...outlived, ...needing.map((each) => each.name)];
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#watchers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#watchers.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}

function isThere(state: ServiceState): boolean {
  return state.status === 'ready' || state.status === 'completed';
}
