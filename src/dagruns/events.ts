/**
 * The events of `run-dag`, as the Python side writes them (one JSON object a line) and as `--json` prints
 * them. The shape is a stable interface: `v` grows when a reader would have to change.
 */
export const RUN_EVENTS_VERSION = 1;

export type TaskState =
  | 'none'
  | 'scheduled'
  | 'queued'
  | 'running'
  | 'success'
  | 'failed'
  | 'skipped'
  | 'upstream_failed'
  | 'up_for_retry'
  | 'up_for_reschedule'
  | 'deferred'
  | 'awaiting_input'
  | 'removed'
  | 'restarting';

interface EventBase {
  readonly v: number;
  /** Milliseconds since the request reached the runner. */
  readonly t: number;
}

/** A task waits for a person. */
export type Question = TaskKey & {
  readonly subject: string;
  readonly body?: string;
  readonly options: readonly string[];
  /** Chosen when the time is over; without them the task fails then. */
  readonly defaults?: readonly string[];
  /** Whether several options may be chosen. */
  readonly multiple: boolean;
  /** Names of values that may be given with the answer, in the UI. */
  readonly params: readonly string[];
  /** ISO 8601; without one it waits for ever. */
  readonly until?: string;
};

/** Names one task instance of the run; `map_index` is -1 for a task that is not mapped. */
export interface TaskKey {
  readonly task_id: string;
  readonly map_index: number;
}

export interface TaskOutline {
  readonly task_id: string;
  readonly operator: string;
  readonly is_mapped: boolean;
}

export interface ErrorDetail {
  /** Exception class, e.g. `ValueError`. */
  readonly type: string;
  readonly message: string;
  /** Python traceback lines, from the author's first frame on. */
  readonly traceback: readonly string[];
  readonly file?: string;
  readonly line?: number;
}

export type RunEvent = EventBase &
  (
    | {
        readonly event: 'started';
        readonly airflow_version: string;
        readonly python_version: string;
        readonly pid: number;
        readonly warm: boolean;
      }
    | { readonly event: 'parsed'; readonly file: string; readonly dag_ids: readonly string[] }
    | {
        readonly event: 'run_started';
        readonly dag_id: string;
        readonly run_id: string;
        readonly logical_date: string;
        readonly tasks: readonly TaskOutline[];
      }
    | ({ readonly event: 'task_started'; readonly try_number: number } & TaskKey)
    | ({ readonly event: 'task_state'; readonly try_number: number; readonly state: TaskState } & TaskKey)
    | ({
        readonly event: 'task_finished';
        readonly try_number: number;
        readonly state: TaskState;
        readonly duration_ms: number;
        readonly error?: ErrorDetail;
      } & TaskKey)
    | ({
        readonly event: 'log';
        /** Lower-case: debug, info, warning, error, critical; `output` for plain prints and subprocess output. */
        readonly level: string;
        readonly text: string;
        readonly logger?: string;
      } & Partial<TaskKey>)
    /** Only when asked for: the author's files that the run depended on. */
    | { readonly event: 'sources'; readonly files: readonly string[] }
    | { readonly event: 'warning'; readonly code: string; readonly text: string }
    | ({ readonly event: 'return_value'; readonly value: unknown } & TaskKey)
    | ({ readonly event: 'input_needed' } & Question)
    | {
        readonly event: 'run_finished';
        readonly dag_id: string;
        readonly run_id: string;
        readonly state: 'success' | 'failed' | 'running';
        readonly duration_ms: number;
        /** Sum of the task bodies, so that `duration_ms - task_ms` is what the run itself cost. */
        readonly task_ms: number;
        readonly tasks: readonly (TaskKey & {
          readonly state: TaskState;
          readonly try_number: number;
          readonly duration_ms: number;
        })[];
        readonly message?: string;
      }
    | {
        readonly event: 'error';
        readonly code: string;
        readonly what: string;
        readonly why?: string;
        readonly next?: readonly string[];
        readonly misuse?: boolean;
        readonly detail?: ErrorDetail;
      }
    /** Always the last. `signal` when the process did not get to end by itself. */
    | { readonly event: 'exit'; readonly code: number; readonly signal?: string }
  );
