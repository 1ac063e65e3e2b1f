import type { MessageEvent, StepEvent } from '../events.ts';

/**
 * What the supervisor tells the outside about a stack, one JSON object a line on its socket, and what `--json`
 * prints. A stable interface: `v` grows when a reader would have to change.
 */
export const STACK_EVENTS_VERSION = 1;

/**
 * waiting: for another service. completed: a task such as the migration is over. backing-off: it ended and is
 * started again in a moment. failed: it ended too often, or can't be started at all.
 */
export type ServiceStatus =
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'completed'
  | 'unhealthy'
  | 'backing-off'
  | 'stopping'
  | 'stopped'
  | 'failed';

export interface ServiceView {
  readonly name: string;
  /** A task runs to completion, a process until it is stopped. */
  readonly kind: 'process' | 'task';
  readonly status: ServiceStatus;
  /** One line: what it waits for, what it does now, or why it failed. */
  readonly detail?: string;
  readonly pid?: number;
  /** Milliseconds since the epoch of the last change of status. */
  readonly since: number;
  /** Milliseconds since the epoch; of the process that runs now. */
  readonly startedAt?: number;
  /** Not those that a person asked for. */
  readonly restarts: number;
  /** Percent of one core over the last seconds, with everything the service has started. */
  readonly cpuPercent?: number;
  /** Proportional set size. */
  readonly memoryBytes?: number;
  readonly url?: string;
}

export type StackStatus = 'starting' | 'ready' | 'degraded' | 'stopping' | 'stopped' | 'failed';

export interface StackView {
  readonly status: StackStatus;
  /** The project's root folder. */
  readonly project: string;
  readonly airflowVersion: string;
  readonly pythonVersion: string;
  /** Of the supervisor. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of the UI and the API, once the port is known: `http://127.0.0.1:8080`. */
  readonly url?: string;
  /** The same for a browser: `http://orders-0a1b2c3d4e.localhost:8080`. */
  readonly uiUrl?: string;
  /** The process everything is forked from; it stays after `down` for a quick start. */
  readonly preloadPid?: number;
  /** Changes with everything that a stack is made from, once that is known. */
  readonly settings?: string;
  /** Names of variables whose values the services have from the shell that started them, and which are others now. */
  readonly changedVariables?: readonly string[];
  readonly services: readonly ServiceView[];
}

export interface StackLogLine {
  /** Grows by one with every line of the stack: orders lines, and resumes a reader. */
  readonly sequence: number;
  readonly service: string;
  /** Without the line break; may hold the colours of whoever wrote it. */
  readonly text: string;
}

/** One file of DAGs, parsed because somebody asked or saved something. */
export interface ParsedFileReport {
  readonly file: string;
  readonly dagIds: readonly string[];
  readonly importErrors: readonly {
    readonly file: string;
    readonly line?: number;
    readonly message: string;
  }[];
  /** Whether the database holds something else than before. */
  readonly changed: boolean;
  readonly milliseconds: number;
}

interface EventBase {
  readonly v: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export type StackEvent = EventBase &
  (
    | { readonly event: 'stack'; readonly stack: StackView }
    | { readonly event: 'service'; readonly service: ServiceView }
    | { readonly event: 'progress'; readonly progress: StepEvent | MessageEvent }
    | ({ readonly event: 'log' } & StackLogLine)
    | { readonly event: 'parsed'; readonly report: ParsedFileReport }
  );
