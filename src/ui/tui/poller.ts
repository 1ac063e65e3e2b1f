import type { AirflowApi } from '../../airflow/restApi/airflowApi.ts';
import { DevenvError } from '../../errors.ts';
import { createLooker, isSameLook, type Look } from './looks.ts';
import type { Sight } from './messages.ts';

const INTERVAL_MILLISECONDS = 2000;

export interface PollerOptions {
  readonly api: () => AirflowApi | undefined;
  readonly see: (sight: Sight) => void;
  /** For tests: milliseconds from an answer to the next question. */
  readonly intervalMs?: number | undefined;
}

/** Asks Airflow for what is on the screen, again and again, and for nothing else. */
export interface Poller {
  /** From now on this is looked at, at once; undefined ends all looking. */
  want(look: Look | undefined): void;
  /** Something has changed: looks without waiting. */
  again(): void;
}

export function createPoller({ api, see, intervalMs = INTERVAL_MILLISECONDS }: PollerOptions): Poller {
  const lookAt = createLooker();
  let wanted: Look | undefined;
  let timer: NodeJS.Timeout | undefined;
  let asking: AbortController | undefined;

  function start(): void {
    clearTimeout(timer);
    asking?.abort();
    asking = undefined;
    if (wanted !== undefined) void ask(wanted);
  }
  async function ask(look: Look): Promise<void> {
    const mine = new AbortController();
    asking = mine;
    const sight = await answer(look, mine.signal);
    if (asking !== mine) return;
    if (sight !== undefined) see(sight);
    // What was seen may have changed what is wanted.
    if (asking === mine) timer = setTimeout(start, intervalMs).unref();
  }
  async function answer(look: Look, signal: AbortSignal): Promise<Sight | undefined> {
    const airflow = api();
    if (airflow === undefined) return undefined;
    try {
      return await lookAt(look, airflow, signal);
    } catch (error) {
      return { look: 'failed', problem: describeError(error) };
    }
  }

  return {
    want(look) {
      if (isSameLook(look, wanted)) return;
      wanted = look;
      start();
    },
    again: start,
  };
}

/** One line for a person. */
export function describeError(error: unknown): string {
  if (error instanceof DevenvError)
    return error.why === undefined ? error.what : `${error.what} ${error.why}`;
  return error instanceof Error ? error.message : String(error);
}
