import type { ServiceDriver } from './driver.ts';
import { pause } from './poll.ts';

export interface KubernetesServiceOptions {
  /**
   * Makes the cluster run, with all that pods expect.
   *
   * @returns false where this machine can have none: everything but pods works.
   */
  readonly start: (signal: AbortSignal, onProgress: (detail: string) => void) => Promise<boolean>;
  readonly isRunning: () => Promise<boolean>;
  readonly stop: () => Promise<unknown>;
}

/** A request to the engine; nothing else of ours asks while nothing watches. */
const WATCH_MS = 10_000;

/** The project's own cluster. Its nodes are containers of the engine: they outlive whatever has started them. */
export function kubernetesService(options: KubernetesServiceOptions): ServiceDriver {
  return {
    async run(tell, signal) {
      const isThere = await options.start(signal, (detail) => tell({ type: 'progress', detail }));
      tell({ type: 'ready' });
      while (await pause(WATCH_MS, signal)) {
        if (!isThere || (await options.isRunning())) continue;
        if (!signal.aborted) tell({ type: 'ended', detail: 'its nodes do not run any more' });
        return;
      }
    },
    async stop() {
      await options.stop();
    },
  };
}
