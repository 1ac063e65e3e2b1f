import type { Readable } from 'node:stream';
import type { AirflowApi } from '../../airflow/restApi/airflowApi.ts';
import type { OnInterrupt } from '../../context.ts';
import type { StackConnection } from '../../stack/protocol.ts';
import type { OutputStream } from '../output.ts';

/** What keys can do beyond looking. A key whose action is left out is not offered. Rejections are shown. */
export interface DashboardActions {
  /** Opens Airflow's UI in a browser. */
  readonly openUi?: () => Promise<void>;
  /** Runs a DAG in the foreground: it has the terminal's primary screen, in its usual mode, until it resolves. */
  readonly runDag?: (fileOrDagId: string) => Promise<void>;
  /** One service, or all. */
  readonly restart?: (service?: string) => Promise<void>;
  readonly start?: (service: string) => Promise<void>;
  readonly stop?: (service: string) => Promise<void>;
  /** Parses all DAG files now. */
  readonly reload?: () => Promise<void>;
  /** In the foreground, as runDag. */
  readonly seed?: () => Promise<void>;
  /** In the foreground, as runDag. */
  readonly unlockDb?: () => Promise<void>;
  /** Ctrl+Z: stops the process group and resolves when it was continued (`src/platform/jobControl.ts`). */
  readonly suspend?: () => Promise<void>;
}

export interface DashboardOptions {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Asked again, every few seconds, after the supervisor has gone. Undefined while there is none. */
  readonly connect: () => StackConnection | undefined | Promise<StackConnection | undefined>;
  /** Undefined while there is no URL. Asked anew for every look at the API. */
  readonly api: () => AirflowApi | undefined;
  readonly actions: DashboardActions;
  /** SIGINT is a Ctrl+C; SIGTERM and SIGHUP leave the stack running. */
  readonly onInterrupt?: OnInterrupt;
}

export type DashboardResult = 'leave-running' | 'stop';

/** Whether there can be a dashboard: a terminal on both sides that can redraw, outside CI. */
export function canOpenDashboard(_options: Pick<DashboardOptions, 'stdin' | 'stdout' | 'env'>): boolean {
  return false;
}

/**
 * Shows the stack on the alternate screen until the person leaves, and says what should become of the stack. The
 * terminal is as it was before when the promise settles.
 */
export async function openDashboard(_options: DashboardOptions): Promise<DashboardResult> {
  throw new Error('not yet');
}
