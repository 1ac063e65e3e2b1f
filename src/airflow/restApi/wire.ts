import type { DagRunSummary, TaskInstanceSummary } from './airflowApi.ts';

/** The fields that both lines have, as they come. Times are ISO 8601. */
export interface WireDagRun {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: string | null;
  readonly start_date: string | null;
  readonly end_date: string | null;
}

export interface WireTaskInstance {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly state: string | null;
  readonly start_date: string | null;
  readonly end_date: string | null;
  readonly operator: string | null;
}

export function dagRun(wire: WireDagRun): DagRunSummary {
  return {
    dagId: wire.dag_id,
    runId: wire.dag_run_id,
    state: wire.state ?? 'none',
    ...times(wire),
  };
}

/** In the order in which they started, those that wait last. */
export function taskInstances(wires: readonly WireTaskInstance[]): TaskInstanceSummary[] {
  return wires
    .map((wire) => ({
      dagId: wire.dag_id,
      runId: wire.dag_run_id,
      taskId: wire.task_id,
      mapIndex: wire.map_index,
      tryNumber: wire.try_number,
      state: wire.state ?? 'none',
      ...times(wire),
      ...(wire.operator === null ? {} : { operator: wire.operator }),
    }))
    .toSorted(
      (left, right) =>
        (left.startedAt ?? Infinity) - (right.startedAt ?? Infinity) ||
        compare(left.taskId, right.taskId) ||
        left.mapIndex - right.mapIndex,
    );
}

function times(wire: { readonly start_date: string | null; readonly end_date: string | null }) {
  return {
    ...(wire.start_date === null ? {} : { startedAt: Date.parse(wire.start_date) }),
    ...(wire.end_date === null ? {} : { endedAt: Date.parse(wire.end_date) }),
  };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
