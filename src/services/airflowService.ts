import { setTimeout as sleep } from 'node:timers/promises';
import { endLeader } from '../platform/processGroup.ts';
import { DevenvError } from '../errors.ts';
import { describeEnd, type ServiceProcess } from '../runtimes/runtime.ts';
import type { ServiceDriver, Tell } from './driver.ts';
import { pause, poll } from './poll.ts';

export interface AirflowServiceOptions {
  /** @throws DevenvError `preload_ended` when what it was to be forked from has just gone. */
  readonly start: () => Promise<ServiceProcess>;
  /** Clears away what an earlier process of this service has left. None of them lives any more. */
  readonly clear: () => Promise<void>;
  /** Milliseconds since the epoch of its last sign of life since it was started then; undefined for none. */
  readonly lastSign: (startedAt: number) => Promise<number | undefined>;
  /** What a person reads while it is waited for: `waiting for its first heartbeat`. */
  readonly waitsFor: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Airflow's own threshold: after this long without a heartbeat a job is taken for dead. */
const SILENCE_MS = 30_000;
const WATCH_MS = 10_000;
/**
 * Everything but the triggerer ends within a fifth of a second. That one sometimes waits ten seconds for a process
 * that has left (Airflow 3.3), so that more patience would gain nothing.
 */
const STOP_GRACE_MS = 1_500;
const UNTOLD_MS = 5_000;
/** The exit code of a process that Airflow would not let list its DAG files; see `refuse_loops` of the Python side. */
const DAGS_REFUSED = 97;

/** One of Airflow's own long-running commands. */
export function airflowService(options: AirflowServiceOptions): ServiceDriver {
  let running: ServiceProcess | undefined;
  return {
    async run(tell, signal) {
      const obstacle = await obstacleOf(options.clear);
      if (obstacle !== undefined) return tell({ type: 'ended', detail: obstacle });
      const startedAt = options.now();
      const started = await options.start().catch(orphaned);
      if (started === undefined) return tell({ type: 'ended', detail: 'the preloaded process has ended' });
      running = started;
      tell({ type: 'spawned', pid: started.pid });
      // Stopped before there was anything to stop.
      if (signal.aborted) await endLeader(started.pid, STOP_GRACE_MS);
      const over = new AbortController();
      const watching = watch(options, startedAt, tell, AbortSignal.any([signal, over.signal]));
      const end = await started.ended;
      over.abort();
      if (running === started) running = undefined;
      if (end.code === DAGS_REFUSED) throw dagsRefused();
      tell({ type: 'ended', detail: describeEnd(end) });
      await watching;
    },
    async stop() {
      const process = running;
      if (process === undefined) return;
      await endLeader(process.pid, STOP_GRACE_MS);
      // Whose parent hangs is never told as ended; nothing of it runs any more.
      await Promise.race([process.ended, sleep(UNTOLD_MS)]);
    },
  };
}

/** It has said itself which link of which folder is in the way. */
function dagsRefused(): DevenvError {
  return new DevenvError({
    code: 'dags_folder_loop',
    what: 'Its DAGs folder can’t be listed, as its last lines say.',
    next: ['Remove the link, then devenv restart'],
  });
}

/** A database that has just gone comes back, and then this may be tried again. */
async function obstacleOf(clear: () => Promise<void>): Promise<string | undefined> {
  try {
    await clear();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** It comes back, and then this one may be tried again. */
function orphaned(error: unknown): undefined {
  if (!(error instanceof DevenvError) || error.code !== 'preload_ended') throw error;
}

async function watch(
  options: AirflowServiceOptions,
  startedAt: number,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const sign = (): Promise<number | undefined> => options.lastSign(startedAt).catch(() => undefined);
  tell({ type: 'progress', detail: options.waitsFor });
  if (!(await poll({ first: 15, longest: 150 }, signal, async () => (await sign()) !== undefined))) return;
  tell({ type: 'ready' });
  while (await pause(WATCH_MS, signal)) {
    const last = await sign();
    const silent = last === undefined || options.now() - last > SILENCE_MS;
    if (signal.aborted) return;
    tell(silent ? { type: 'silent', detail: silence(last, options.now()) } : { type: 'ready' });
  }
}

function silence(last: number | undefined, now: number): string {
  return last === undefined ? 'no sign of life' : `no sign of life for ${Math.round((now - last) / 1000)} s`;
}
