import type { TaskState } from '../../../dagruns/events.ts';
import type { Style } from '../../style.ts';
import { paintState } from '../../taskStates.ts';
import { cutColumns, printableLines, wrapColumns } from '../../textWidth.ts';
import { taskKey, type DashboardState, type TaskDetails } from '../model.ts';
import { compactLine } from './compactLine.ts';
import { apiProblem, waitingFor } from './dagsView.ts';
import { paintSpan } from './runView.ts';

/** The log or the XCom values of one task instance. */
export function taskView(state: DashboardState, clock: number, rows: number, style: Style): string[] {
  const { dags, size } = state;
  const { task } = dags;
  if (task === undefined) return [];
  const above = [title(state, task, clock, style), ...apiProblem(dags.problem, size.columns, style)];
  const room = Math.max(0, rows - above.length);
  // The log is read from its end, values from their beginning.
  if (task.pane === 'xcom') {
    const values = xcomLines(state, task, style);
    const top = Math.min(task.top, Math.max(0, values.length - room));
    return [...above, ...values.slice(top, top + room).map((line) => cutColumns(line, size.columns))];
  }
  const lines = logLines(state, task, style);
  const end = Math.max(Math.min(room, lines.length), lines.length - task.fromEnd);
  const shown = lines
    .slice(Math.max(0, end - room), end)
    .flatMap((line) =>
      task.wrap ? wrapColumns(line, size.columns) : [cutColumns(compactLine(line, style), size.columns)],
    );
  return [...above, ...(room === 0 ? [] : shown.slice(-room))];
}

function title({ dags, size }: DashboardState, task: TaskDetails, clock: number, style: Style): string {
  const instance = dags.tasks?.find((each) => taskKey(each) === taskKey(task.name));
  const status =
    instance === undefined
      ? ''
      : `  ${paintState(instance.state as TaskState, style, 0)} ${paintSpan(instance, clock, style)}`;
  const panes = (['log', 'xcom'] as const).map((pane) => {
    const count = pane === 'xcom' && task.xcoms !== undefined ? ` ${task.xcoms.length}` : '';
    const text = pane === 'log' ? 'Log' : `XCom${count}`;
    return pane === task.pane ? style.inverse(`[${text}]`) : style.dim(` ${text} `);
  });
  const tryNumber = instance?.tryNumber ?? task.name.tryNumber;
  const name = `${style.bold(taskKey(task.name))}${status}  ${style.dim(`try ${tryNumber}`)}`;
  return cutColumns(`${panes.join('')}  ${name}  ${style.dim(task.name.dagId)}`, size.columns);
}

function logLines(state: DashboardState, { log }: TaskDetails, style: Style): readonly string[] {
  if (log === undefined) return [style.dim(waitingFor(state))];
  if (log.length === 0) return [style.dim('No log yet.')];
  return log.flatMap((line) => printableLines(line.replaceAll('\t', '    '), style.color));
}

/** The values, wrapped: who looks at them wants to see them whole. */
export function xcomLines(state: DashboardState, { xcoms }: TaskDetails, style: Style): readonly string[] {
  if (xcoms === undefined) return [style.dim(waitingFor(state))];
  if (xcoms.length === 0) return [style.dim('It has pushed nothing.')];
  return xcoms.flatMap(({ key, value }) => [
    style.bold(key),
    ...printableLines(value.replaceAll('\t', '    '), false)
      .flatMap((line) => wrapColumns(line, Math.max(1, state.size.columns - 2)))
      .map((line) => `  ${line}`),
  ]);
}
