/** Everything that one service of Airflow gets, however its process is made. */
export interface Launch {
  readonly service: string;
  /** The whole environment of the service. */
  readonly environment: Readonly<Record<string, string>>;
  /** Appended to `sys.path`, in this order. */
  readonly importPaths: readonly string[];
  readonly pluginsFolders: readonly string[];
  /** A Unix socket that takes what the service prints; its first line names the service. */
  readonly logSocket: string;
  /** Of the service that serves HTTP. */
  readonly port?: number;
}

export interface ProcessEnd {
  readonly code?: number | undefined;
  readonly signal?: string | undefined;
}

/** A service's process; it leads a process group of its own. */
export interface ServiceProcess {
  readonly pid: number;
  /** Resolves when it and its whole group are gone. */
  readonly ended: Promise<ProcessEnd>;
}

/** Makes processes of Airflow's services. Whatever it has made ends with the process that holds it. */
export interface ServiceLauncher {
  /** The process that services are forked from, where there is one. */
  readonly preloadPid: number | undefined;
  /** Resolves when it can't launch any more, because its own process has ended. */
  readonly lost: Promise<void>;
  /** @throws DevenvError `service_not_forked`, `preload_ended`, `service_not_started`. */
  launch(launch: Launch): Promise<ServiceProcess>;
  /** Lets go; services that still run are ended by this. */
  close(): void;
}

export function describeEnd(end: ProcessEnd): string {
  if (end.signal !== undefined) return `ended by ${end.signal}`;
  return end.code === undefined ? 'ended' : `ended with code ${end.code}`;
}
