import { startGroupLeader } from '../platform/groupLeader.ts';
import { forkMessage } from './forkedServices.ts';
import type { Launch, ServiceLauncher, ServiceProcess } from './runtime.ts';

export interface SeparateServicesOptions {
  readonly python: string;
  /** Folder of the package `airflow_devenv`. */
  readonly pythonSource: string;
  readonly workingDirectory: string;
  /** Gets what a service prints before it has connected to the log socket. */
  readonly onEarlyLine: (service: string, line: string) => void;
}

/**
 * Each service in an interpreter of its own: where forking is not safe, or not wanted. Slower to start, and each
 * has its own copy of Airflow in memory. They ask the system to be ended with this process.
 */
export function separateServices(options: SeparateServicesOptions): ServiceLauncher {
  return {
    preloadPid: undefined,
    lost: new Promise(() => {}),
    launch: (launch) => startService(options, launch),
    close() {},
  };
}

async function startService(options: SeparateServicesOptions, launch: Launch): Promise<ServiceProcess> {
  // The environment goes in as a message, so that both ways of starting a service are one from there on; what
  // Python itself reads at start has to be in the real environment.
  return startGroupLeader(options.python, [options.pythonSource, 'service'], {
    env: launch.environment,
    cwd: options.workingDirectory,
    input: `${JSON.stringify(forkMessage(0, launch))}\n`,
    onLine: (line) => options.onEarlyLine(launch.service, line),
  });
}
