import type { TaskState } from '../dagruns/events.ts';
import { formatDuration } from './duration.ts';
import { instanceName, type RunModel, type TaskInstance } from './runModel.ts';
import type { Style } from './style.ts';
import { isFinished, paintState } from './taskStates.ts';
import { padColumns, textWidth } from './textWidth.ts';

const MAXIMUM_NAME_COLUMNS = 40;
/** Not ends, but what explains why a run stands still. */
const PAUSES: ReadonlySet<TaskState> = new Set([
  'deferred',
  'awaiting_input',
  'up_for_retry',
  'up_for_reschedule',
]);

/** The task instances that came to an end or a pause from one model to the next. */
export function newlySettled(before: RunModel, after: RunModel): TaskInstance[] {
  if (before.tasks === after.tasks) return [];
  return [...after.tasks].flatMap(([taskId, task]) => {
    const old = before.tasks.get(taskId)?.instances;
    if (old === task.instances) return [];
    return [...task.instances.values()].filter(
      ({ mapIndex, state }) => isTold(state) && old?.get(mapIndex)?.state !== state,
    );
  });
}

/** `✓ success          extract            0.04 s`: one line for the end of a task instance. */
export function paintTaskLine(instance: TaskInstance, run: RunModel, style: Style): string {
  const name = instanceName(instance.taskId, instance.mapIndex);
  const time = instance.durationMs === undefined ? '' : formatDuration(instance.durationMs);
  return `${paintState(instance.state, style)}  ${padColumns(name, nameColumns(run))}  ${time}`.trimEnd();
}

function isTold(state: TaskState): boolean {
  return isFinished(state) || PAUSES.has(state);
}

/** From the outline alone, so that the columns stay where they are: three more for a map index. */
function nameColumns(run: RunModel): number {
  const widths = (run.started?.tasks ?? []).map((task) => textWidth(task.task_id) + (task.is_mapped ? 4 : 0));
  return Math.min(MAXIMUM_NAME_COLUMNS, Math.max(12, ...widths));
}
