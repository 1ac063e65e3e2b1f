import type { TaskState } from '../dagruns/events.ts';
import { formatDuration, formatElapsed } from './duration.ts';
import type { RunModel, TaskInstance, TaskModel } from './runModel.ts';
import type { Style } from './style.ts';
import { isFinished, paintCount, paintState } from './taskStates.ts';
import { cutColumns, padColumns, textWidth } from './textWidth.ts';

/** One line of the task table; the instances of a mapped task share one. */
export interface TaskRow {
  readonly name: string;
  readonly state: TaskState;
  /** `[3/5]` and the numbers by state; undefined for a task that is not mapped. */
  readonly mapped?: {
    readonly done: number;
    readonly total: number;
    readonly counts: readonly (readonly [TaskState, number])[];
  };
  readonly time?: { readonly milliseconds: number; readonly ticking: boolean };
}

/** The order in which a mapped task takes the state of its instances. */
const WORST_FIRST: readonly TaskState[] = ['failed', 'upstream_failed', 'success', 'skipped', 'removed'];
const MAXIMUM_NAME_COLUMNS = 40;
const TIME_COLUMNS = 8;

/** Rows in the order of the outline. `clock` is the present on the clock of the events, in milliseconds. */
export function taskRows(run: RunModel, clock: number): TaskRow[] {
  return [...run.tasks.values()].map((task) => taskRow(task, clock));
}

/** The columns that names need, for `paintRows`. */
export function nameColumns(rows: readonly TaskRow[]): number {
  return Math.min(MAXIMUM_NAME_COLUMNS, Math.max(0, ...rows.map((row) => textWidth(row.name))));
}

/**
 * Rows as lines that are at most `columns` wide. What grows while a run goes on (numbers of instances) stands
 * last, so that no column ever moves.
 */
export function paintRows(rows: readonly TaskRow[], names: number, style: Style, columns: number): string[] {
  return rows.map((row) => {
    const name = padColumns(cutColumns(row.name, names), names);
    const line = `${paintState(row.state, style)}  ${name}  ${paintTime(row, style)}  ${paintInstances(row, style)}`;
    return cutColumns(line.trimEnd(), columns);
  });
}

function taskRow(task: TaskModel, clock: number): TaskRow {
  const name = task.outline.task_id;
  const mapped = [...task.instances.values()].filter((instance) => instance.mapIndex >= 0);
  if (mapped.length > 0) return mappedRow(name, mapped, clock);
  const instance = task.instances.get(-1);
  if (instance === undefined) return { name, state: 'none' };
  const time = instanceTime(instance, clock);
  return { name, state: instance.state, ...(time === undefined ? {} : { time }) };
}

function mappedRow(name: string, instances: readonly TaskInstance[], clock: number): TaskRow {
  const counts = new Map<TaskState, number>();
  for (const { state } of instances) counts.set(state, (counts.get(state) ?? 0) + 1);
  const done = instances.filter((instance) => isFinished(instance.state)).length;
  const ended = WORST_FIRST.flatMap((state) => {
    const count = counts.get(state);
    return count === undefined ? [] : [[state, count] as const];
  });
  const time = mappedTime(instances, clock);
  return {
    name,
    state: mappedState(counts, done, instances),
    mapped: { done, total: instances.length, counts: ended.toSorted(successFirst) },
    ...(time === undefined ? {} : { time }),
  };
}

function mappedState(
  counts: ReadonlyMap<TaskState, number>,
  done: number,
  instances: readonly TaskInstance[],
): TaskState {
  if (done === instances.length) return WORST_FIRST.find((state) => counts.has(state)) ?? 'none';
  if (counts.has('running') || done > 0) return 'running';
  return instances.find((instance) => !isFinished(instance.state))?.state ?? 'none';
}

function successFirst(a: readonly [TaskState, number], b: readonly [TaskState, number]): number {
  return Number(b[0] === 'success') - Number(a[0] === 'success');
}

function instanceTime(instance: TaskInstance, clock: number): TaskRow['time'] {
  if (instance.durationMs !== undefined && instance.state !== 'running') {
    return { milliseconds: instance.durationMs, ticking: false };
  }
  if (instance.startedAt === undefined || isFinished(instance.state)) return undefined;
  return { milliseconds: clock - instance.startedAt, ticking: true };
}

/** From the first instance's start to the last one's end: instances run side by side or one by one. */
function mappedTime(instances: readonly TaskInstance[], clock: number): TaskRow['time'] {
  const starts = instances.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt]));
  if (starts.length === 0) return undefined;
  const ticking = instances.some((instance) => !isFinished(instance.state));
  const ends = instances.map(({ startedAt = 0, durationMs = 0 }) => startedAt + durationMs);
  const end = ticking ? clock : Math.max(...ends);
  return { milliseconds: end - Math.min(...starts), ticking };
}

function paintInstances(row: TaskRow, style: Style): string {
  if (row.mapped === undefined) return '';
  const { done, total, counts } = row.mapped;
  const numbers = counts.map(([state, count]) => paintCount(state, count, style));
  return [style.dim(`[${done}/${total}]`), ...numbers].join(' ');
}

function paintTime({ time }: TaskRow, style: Style): string {
  if (time === undefined) return ' '.repeat(TIME_COLUMNS);
  if (time.ticking) return style.cyan(formatElapsed(time.milliseconds).padStart(TIME_COLUMNS));
  return style.dim(formatDuration(time.milliseconds).padStart(TIME_COLUMNS));
}
