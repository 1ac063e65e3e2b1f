/**
 * What the engine tells the outside about its own work. Renderers in `ui/` are the only readers.
 * Events of a DAG run are in `dagruns/events.ts`.
 */
export type ProgressEvent = StepEvent | MessageEvent;

/** One piece of work a person waits for. The same `id` is emitted again as the work goes on. */
export interface StepEvent {
  readonly type: 'step';
  readonly id: string;
  /** Present tense while working ("Installing Airflow 3.3.2"), the same words when done. */
  readonly text: string;
  readonly state: 'working' | 'done' | 'failed';
  readonly detail?: string;
  readonly current?: number;
  readonly total?: number;
}

export interface MessageEvent {
  readonly type: 'message';
  readonly level: 'info' | 'warning';
  readonly text: string;
  /** What the command waits for. Told also where only the result was asked for: silence would look like a hang. */
  readonly code?: 'waits_for_database' | 'waits_for_lock';
}

export type EmitProgress = (event: ProgressEvent) => void;
