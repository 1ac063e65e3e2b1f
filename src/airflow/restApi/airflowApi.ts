/** What devenv asks of a running Airflow, in the same shapes for 2.x (`/api/v1`) and 3.x (`/api/v2`). */
export interface AirflowApi {
  /** Ordered by id. */
  dags(signal?: AbortSignal): Promise<readonly DagSummary[]>;
  importErrors(signal?: AbortSignal): Promise<readonly ImportErrorSummary[]>;
  /** The newest first. */
  dagRuns(dagId: string, limit: number, signal?: AbortSignal): Promise<readonly DagRunSummary[]>;
  taskInstances(run: DagRunName, signal?: AbortSignal): Promise<readonly TaskInstanceSummary[]>;
  /** The log of one try as lines of text, as far as it is written. */
  taskLog(task: TaskInstanceName, signal?: AbortSignal): Promise<readonly string[]>;
  xcoms(task: TaskInstanceName, signal?: AbortSignal): Promise<readonly { key: string; value: string }[]>;
  trigger(dagId: string, conf?: Readonly<Record<string, unknown>>): Promise<DagRunName>;
  setPaused(dagId: string, paused: boolean): Promise<void>;
}

export interface DagSummary {
  readonly dagId: string;
  readonly paused: boolean;
  /** In words, e.g. `@daily`; undefined for none. */
  readonly schedule?: string;
  readonly lastRun?: DagRunSummary;
  readonly hasImportErrors: boolean;
}

export interface ImportErrorSummary {
  readonly file: string;
  readonly text: string;
}

export interface DagRunName {
  readonly dagId: string;
  readonly runId: string;
}

export interface DagRunSummary extends DagRunName {
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
}

export interface TaskInstanceName extends DagRunName {
  readonly taskId: string;
  /** -1 for a task that is not mapped. */
  readonly mapIndex: number;
  readonly tryNumber: number;
}

export interface TaskInstanceSummary extends TaskInstanceName {
  readonly state: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly operator?: string;
}
