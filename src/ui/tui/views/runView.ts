import type { DagRunSummary, TaskInstanceSummary } from '../../../airflow/restApi/airflowApi.ts';
import type { TaskState } from '../../../dagruns/events.ts';
import { formatDuration } from '../../duration.ts';
import type { Style } from '../../style.ts';
import { paintState } from '../../taskStates.ts';
import { cutColumns } from '../../textWidth.ts';
import { selectedTask } from '../selection.ts';
import { shownRun, taskKey, type DashboardState } from '../model.ts';
import { windowStart } from '../moves.ts';
import { apiProblem, waitingFor } from './dagsView.ts';
import { paintTable, type Column } from './table.ts';

/** One run of a DAG and the states of its tasks. */
export function runView(state: DashboardState, clock: number, rows: number, style: Style): string[] {
  const { dags, size } = state;
  const run = shownRun(dags);
  const title = cutColumns(style.bold(dags.selectedDag ?? ''), size.columns);
  const problem = apiProblem(dags.problem, size.columns, style);
  if (run === undefined) {
    const text = dags.tasks === undefined ? waitingFor(state) : 'It has never run. t triggers it.';
    return [title, ...problem, style.dim(text)];
  }
  const above = [runTitle(state, run, clock, style), ...problem];
  const tasks = dags.tasks ?? [];
  if (tasks.length === 0)
    return [...above, style.dim(dags.tasks === undefined ? waitingFor(state) : 'No tasks yet.')];
  const selected = Math.max(
    0,
    tasks.findIndex((each) => each === selectedTask(dags)),
  );
  const { head, lines } = paintTable({
    columns: taskColumns(clock, style),
    rows: tasks,
    selected,
    width: size.columns,
    style,
  });
  const room = Math.max(1, rows - above.length - 1);
  const start = windowStart(selected, lines.length, room);
  return [...above, head, ...lines.slice(start, start + room)];
}

/** Milliseconds until some time that is shown has changed: only what runs has a clock. */
export function runChangesIn({ dags }: DashboardState): number | undefined {
  const running = [...(dags.tasks ?? []), ...(shownRun(dags) === undefined ? [] : [shownRun(dags)])].some(
    (each) => each?.startedAt !== undefined && each.endedAt === undefined,
  );
  return running ? 1000 : undefined;
}

/** How long it took; whole seconds while it goes on. */
export function paintSpan(
  { startedAt, endedAt }: { readonly startedAt?: number; readonly endedAt?: number },
  clock: number,
  style: Style,
): string {
  if (startedAt === undefined) return '';
  if (endedAt !== undefined) return style.dim(formatDuration(endedAt - startedAt));
  const seconds = Math.max(0, Math.floor((clock - startedAt) / 1000));
  return style.cyan(seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000));
}

function runTitle({ dags, size }: DashboardState, run: DagRunSummary, clock: number, style: Style): string {
  const place = dags.runs.findIndex(({ runId }) => runId === run.runId) + 1;
  const which = dags.runs.length < 2 ? '' : style.dim(`  run ${place} of ${dags.runs.length}`);
  const status = paintState(run.state as TaskState, style, 0);
  const span = paintSpan(run, clock, style);
  return cutColumns(
    `${style.bold(run.dagId)}  ${status} ${span}  ${style.dim(run.runId)}${which}`,
    size.columns,
  );
}

function taskColumns(clock: number, style: Style): readonly Column<TaskInstanceSummary>[] {
  return [
    { title: 'STATE', cell: ({ state }) => paintState(state as TaskState, style, 0), width: 17 },
    { title: 'TASK', cell: taskKey, maximum: 60 },
    { title: 'TOOK', cell: (task) => paintSpan(task, clock, style), width: 12, right: true, drop: 1 },
    { title: 'TRY', cell: ({ tryNumber }) => String(tryNumber), width: 3, right: true, drop: 2 },
    { title: 'OPERATOR', cell: ({ operator }) => style.dim(operator ?? ''), rest: true },
  ];
}
