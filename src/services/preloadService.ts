import { connectToPreload } from '../runtimes/forkedServices.ts';
import type { ServiceLauncher } from '../runtimes/runtime.ts';
import type { ServiceDriver } from './driver.ts';

export interface PreloadServiceOptions {
  readonly controlSocket: string;
  readonly platform: NodeJS.Platform;
  /** Makes the preloaded process run and listen. */
  readonly start: () => Promise<void>;
  readonly onConnected: (launcher: ServiceLauncher) => void;
  /** Told why there is no preloaded process; from then on services have to do without. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The process that services are forked from. Stopping it here only lets go of it: it stays for a quick start,
 * and ends the services that were forked through this connection.
 */
export function preloadService(options: PreloadServiceOptions): ServiceDriver {
  let launcher: ServiceLauncher | undefined;
  return {
    async run(tell, signal) {
      launcher = await connectToPreload(options.controlSocket, options.platform, signal);
      if (launcher === undefined) {
        if (signal.aborted) return;
        tell({ type: 'progress', detail: 'loading Airflow' });
        const failure = await failureOf(options.start);
        launcher = await connectToPreload(options.controlSocket, options.platform, signal);
        if (launcher === undefined && failure !== undefined) {
          if (signal.aborted) return;
          options.onFailure(failure);
          tell({ type: 'ready' });
          return;
        }
      }
      if (signal.aborted) {
        launcher?.close();
        return;
      }
      if (launcher?.preloadPid === undefined) {
        tell({ type: 'ended', detail: 'it went away at once' });
        return;
      }
      tell({ type: 'spawned', pid: launcher.preloadPid });
      options.onConnected(launcher);
      tell({ type: 'ready' });
      await launcher.lost;
      if (!signal.aborted) tell({ type: 'ended', detail: 'it has ended' });
    },
    async stop() {
      launcher?.close();
      await launcher?.lost;
    },
  };
}

async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}
