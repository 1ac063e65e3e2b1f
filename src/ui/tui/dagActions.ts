import type { DagSummary, TaskInstanceSummary } from '../../airflow/restApi/airflowApi.ts';
import type { ActionName } from './keys.ts';
import type { Outcome } from './messages.ts';
import {
  bodyRows,
  shownRun,
  taskKey,
  visibleDags,
  type DagsState,
  type TaskDetails,
  type DashboardState,
} from './model.ts';
import { createStyle } from '../style.ts';
import { isMove, moveDistance, moveName, scrollTop, type MoveName } from './moves.ts';
import { selectedDag, selectedTask } from './selection.ts';
import { xcomLines } from './views/taskView.ts';

export function actOnDags(state: DashboardState, action: ActionName): Outcome {
  const { dags } = state;
  if (isMove(action)) return withDags(state, move(state, action, bodyRows(state.size)));
  const dag = selectedDag(dags);
  switch (action) {
    case 'filterDags':
      return {
        state: { ...state, typing: { purpose: 'filterDags', text: '' }, dags: { ...dags, filter: '' } },
      };
    case 'openDag':
      return dag === undefined ? { state } : withDags(state, opened(dags, dag));
    case 'openTask': {
      const task = selectedTask(dags);
      return task === undefined ? { state } : withDags(state, openedTask(dags, task));
    }
    case 'switchPane':
    case 'wrapTask':
      return withDags(state, changedTask(dags, action));
    case 'olderRun':
    case 'newerRun':
      return withDags(state, otherRun(dags, action === 'olderRun' ? 1 : -1));
    case 'back':
      return withDags(state, back(dags));
    case 'trigger':
      return dag === undefined ? { state } : { state, effect: { type: 'trigger', dagId: dag.dagId } };
    case 'pause':
      return dag === undefined
        ? { state }
        : { state, effect: { type: 'setPaused', dagId: dag.dagId, paused: !dag.paused } };
    case 'runDag':
      return dag === undefined
        ? { state }
        : { state, effect: { type: 'foreground', action, argument: dag.dagId } };
    default:
      return { state };
  }
}

function move(state: DashboardState, action: MoveName, page: number): DagsState {
  const { dags } = state;
  if (dags.level === 'list') {
    const selected = moveName(
      visibleDags(dags),
      ({ dagId }) => dagId,
      selectedDag(dags)?.dagId,
      action,
      page,
    );
    return { ...dags, selectedDag: selected };
  }
  if (dags.level === 'run') {
    return { ...dags, selectedTask: moveName(dags.tasks ?? [], taskKey, dags.selectedTask, action, page) };
  }
  return dags.task === undefined ? dags : { ...dags, task: scrollTask(state, dags.task, action, page) };
}

function scrollTask(state: DashboardState, task: TaskDetails, action: MoveName, page: number): TaskDetails {
  // One row says what is shown.
  const room = page - 1;
  if (task.pane === 'xcom') {
    const { length } = xcomLines(state, task, createStyle(false));
    return { ...task, top: scrollTop(task.top, length, action, room) };
  }
  const length = task.log?.length ?? 0;
  const fromEnd = task.fromEnd - moveDistance(action, length, room);
  return { ...task, fromEnd: Math.max(0, Math.min(length - room, fromEnd)) };
}

function opened(dags: DagsState, { dagId }: DagSummary): DagsState {
  const { tasks: _, ...rest } = dags;
  return { ...rest, level: 'run', selectedDag: dagId, runs: [], runId: undefined, selectedTask: undefined };
}

function openedTask(
  dags: DagsState,
  { dagId, runId, taskId, mapIndex, tryNumber }: TaskInstanceSummary,
): DagsState {
  const name = { dagId, runId, taskId, mapIndex, tryNumber };
  return {
    ...dags,
    level: 'task',
    selectedTask: taskKey(name),
    task: { name, pane: 'log', fromEnd: 0, top: 0, wrap: dags.task?.wrap ?? false },
  };
}

function changedTask(dags: DagsState, action: 'switchPane' | 'wrapTask'): DagsState {
  const { task } = dags;
  if (task === undefined) return dags;
  if (action === 'wrapTask') return { ...dags, task: { ...task, wrap: !task.wrap } };
  return { ...dags, task: { ...task, pane: task.pane === 'log' ? 'xcom' : 'log', fromEnd: 0, top: 0 } };
}

/** The newest run is not named: a newer one takes its place as soon as there is one. */
function otherRun(dags: DagsState, step: number): DagsState {
  const index = dags.runs.findIndex(({ runId }) => runId === shownRun(dags)?.runId);
  const next = Math.max(0, Math.min(dags.runs.length - 1, index + step));
  if (next === index || index < 0) return dags;
  const { tasks: _, ...rest } = dags;
  return { ...rest, runId: next === 0 ? undefined : dags.runs[next]?.runId };
}

function back(dags: DagsState): DagsState {
  if (dags.level === 'task') return { ...dags, level: 'run', task: undefined };
  if (dags.level === 'run') return { ...dags, level: 'list' };
  return { ...dags, filter: '' };
}

function withDags(state: DashboardState, dags: DagsState): Outcome {
  return { state: { ...state, dags } };
}
