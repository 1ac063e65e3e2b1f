import { processExists } from '../platform/processGroup.ts';
import type { ServiceDriver } from './driver.ts';
import { pause } from './poll.ts';

export interface PostgresServiceOptions {
  /** Makes the server run and answer. */
  readonly start: (signal: AbortSignal) => Promise<void>;
  /** Of the server that runs; undefined when none does. */
  readonly findPid: () => Promise<number | undefined>;
  readonly stop: () => Promise<unknown>;
}

const WATCH_MS = 1_000;

/** The project's own Postgres. It is nobody's child: `run-dag` uses it without a stack, too. */
export function postgresService(options: PostgresServiceOptions): ServiceDriver {
  return {
    async run(tell, signal) {
      await options.start(signal);
      const pid = await options.findPid();
      if (pid !== undefined) tell({ type: 'spawned', pid });
      tell({ type: 'ready' });
      while (await pause(WATCH_MS, signal)) {
        if (pid !== undefined && processExists(pid)) continue;
        if (!signal.aborted) tell({ type: 'ended', detail: 'the server has ended' });
        return;
      }
    },
    async stop() {
      await options.stop();
    },
  };
}
