import { processExists } from '../platform/processGroup.ts';
import type { ServiceDriver, Tell } from './driver.ts';
import { pause } from './poll.ts';

export interface HdfsServiceOptions {
  /** Makes the server run, and puts there what `devenv.yaml` says. */
  readonly start: (signal: AbortSignal, onProgress: (detail: string) => void) => Promise<void>;
  /** Of the server that runs; undefined when none does. */
  readonly findPid: () => Promise<number | undefined>;
  readonly stop: () => Promise<unknown>;
}

const WATCH_MS = 1_000;

/** The project's own HDFS. It is nobody's child: `run-dag` uses it without a stack, too. */
export function hdfsService(options: HdfsServiceOptions): ServiceDriver {
  return {
    async run(tell, signal) {
      await options.start(signal, (detail) => tell({ type: 'progress', detail }));
      const pid = await options.findPid();
      if (pid !== undefined) tell({ type: 'spawned', pid });
      tell({ type: 'ready' });
      await watch(pid, tell, signal);
    },
    async stop() {
      await options.stop();
    },
  };
}

async function watch(pid: number | undefined, tell: Tell, signal: AbortSignal): Promise<void> {
  while (await pause(WATCH_MS, signal)) {
    if (pid !== undefined && processExists(pid)) continue;
    if (!signal.aborted) tell({ type: 'ended', detail: 'the server has ended' });
    return;
  }
}
