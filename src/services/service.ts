/** started: its process exists. completed: a task is over. */
export type Condition = 'started' | 'ready' | 'completed';

export interface Need {
  readonly service: string;
  readonly condition: Condition;
}

/** One node of the stack's graph: what it is and what it waits for. How it is started is its launcher's matter. */
export interface ServiceDefinition {
  readonly name: string;
  /** A task runs to completion, a process until it is stopped. */
  readonly kind: 'process' | 'task';
  readonly needs: readonly Need[];
  /** Stopped after these: they have something to tell it at their end. */
  readonly outlives?: readonly string[];
  /** For a dry run and the docs: `Postgres 17 on a Unix socket`. */
  readonly description: string;
}
