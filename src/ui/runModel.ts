import type { ErrorDetail, RunEvent, TaskKey, TaskOutline, TaskState } from '../dagruns/events.ts';
import { isFinished } from './taskStates.ts';

type EventOf<Name extends RunEvent['event']> = Extract<RunEvent, { readonly event: Name }>;

export interface TaskInstance {
  readonly taskId: string;
  /** -1 when the task is not mapped. */
  readonly mapIndex: number;
  readonly state: TaskState;
  readonly tryNumber: number;
  /** Milliseconds on the clock of the events. */
  readonly startedAt?: number;
  readonly durationMs?: number;
  readonly error?: ErrorDetail;
}

export interface TaskModel {
  readonly outline: TaskOutline;
  /** By map index. Empty until Airflow decided anything about the task. */
  readonly instances: ReadonlyMap<number, TaskInstance>;
}

/** All that a person can be told about the DAG run so far. */
export interface RunModel {
  readonly started?: EventOf<'run_started'>;
  readonly finished?: EventOf<'run_finished'>;
  readonly exit?: EventOf<'exit'>;
  readonly failure?: EventOf<'error'>;
  /** By task id, in the order of the outline. */
  readonly tasks: ReadonlyMap<string, TaskModel>;
  readonly warnings: readonly string[];
  readonly returnValues: readonly EventOf<'return_value'>[];
}

/** Before the first event, and again when another process starts. */
export const EMPTY_RUN: RunModel = { tasks: new Map(), warnings: [], returnValues: [] };

/** The state after an event. Pure; returns the very same object when the event changes nothing shown here. */
export function reduce(run: RunModel, event: RunEvent): RunModel {
  switch (event.event) {
    case 'started':
      return EMPTY_RUN;
    case 'run_started':
      return { ...EMPTY_RUN, warnings: run.warnings, started: event, tasks: outlined(event.tasks) };
    case 'task_started':
      return withInstance(forgotten(run, event), event, {
        state: 'running',
        tryNumber: event.try_number,
        startedAt: event.t,
      });
    case 'task_state':
      return withInstance(run, event, { state: event.state, tryNumber: event.try_number });
    case 'task_finished':
      return withInstance(run, event, {
        state: event.state,
        tryNumber: event.try_number,
        durationMs: event.duration_ms,
        ...(event.error === undefined ? {} : { error: event.error }),
      });
    case 'warning':
      // Of use while the run waits, and told then; not part of how it went.
      if (event.code === 'debugger') return run;
      return { ...run, warnings: [...run.warnings, event.text] };
    case 'return_value':
      return { ...run, returnValues: [...run.returnValues, event] };
    case 'run_finished':
      return { ...settled(run, event), finished: event };
    case 'error':
      return { ...run, failure: event };
    case 'exit':
      return { ...run, exit: event };
    default:
      return run;
  }
}

export function instancesOf(run: RunModel): TaskInstance[] {
  return [...run.tasks.values()].flatMap((task) => [...task.instances.values()]);
}

/** `extract`, or `double[2]` for an instance of a mapped task. */
export function instanceName(taskId: string, mapIndex: number): string {
  return mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
}

function outlined(outlines: readonly TaskOutline[]): ReadonlyMap<string, TaskModel> {
  return new Map(outlines.map((outline) => [outline.task_id, { outline, instances: new Map() }]));
}

function withInstance(run: RunModel, key: TaskKey, change: Partial<TaskInstance>): RunModel {
  const task = run.tasks.get(key.task_id) ?? unlistedTask(key);
  const before = task.instances.get(key.map_index);
  const instance: TaskInstance = {
    taskId: key.task_id,
    mapIndex: key.map_index,
    state: 'none',
    tryNumber: 0,
    ...before,
    ...change,
  };
  if (before !== undefined && isSame(before, instance)) return run;
  const instances = new Map(task.instances).set(key.map_index, instance);
  return { ...run, tasks: new Map(run.tasks).set(key.task_id, { ...task, instances }) };
}

/** A new try owes nothing to the one before: neither its error nor its duration. */
function forgotten(run: RunModel, key: TaskKey): RunModel {
  const task = run.tasks.get(key.task_id);
  if (task?.instances.get(key.map_index)?.durationMs === undefined) return run;
  const instances = new Map(task.instances);
  instances.delete(key.map_index);
  return { ...run, tasks: new Map(run.tasks).set(key.task_id, { ...task, instances }) };
}

function isSame(a: TaskInstance, b: TaskInstance): boolean {
  return (
    a.state === b.state &&
    a.tryNumber === b.tryNumber &&
    a.startedAt === b.startedAt &&
    a.durationMs === b.durationMs &&
    a.error === b.error
  );
}

function unlistedTask(key: TaskKey): TaskModel {
  const outline = { task_id: key.task_id, operator: '', is_mapped: key.map_index >= 0 };
  return { outline, instances: new Map() };
}

/** The database has the last word: some states (a trigger rule's, say) are never told one by one. */
function settled(run: RunModel, event: EventOf<'run_finished'>): RunModel {
  let result = run;
  for (const task of event.tasks) {
    result = withInstance(result, task, {
      state: task.state,
      tryNumber: task.try_number,
      ...(isFinished(task.state) && task.try_number > 0 ? { durationMs: task.duration_ms } : {}),
    });
  }
  return result;
}
