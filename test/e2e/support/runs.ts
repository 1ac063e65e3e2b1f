import type { RunEvent } from '../../../src/dagruns/events.ts';
import { finalStates, the, type RunResult } from './project.ts';

type EventOf<Name extends RunEvent['event']> = Extract<RunEvent, { event: Name }>;

/** Exit code, run state and task states: what a run is compared by. */
export function outcome(result: RunResult): { exit: number; run: string; tasks: Record<string, string> } {
  return { exit: result.code, run: the(result, 'run_finished').state, tasks: finalStates(result) };
}

/** The texts of all log lines, of one task if it is named. */
export function logTexts(result: RunResult, taskId?: string): string[] {
  return all(result, 'log')
    .filter((each) => taskId === undefined || each.task_id === taskId)
    .map((each) => each.text);
}

export function warnings(result: RunResult): { code: string; text: string }[] {
  return all(result, 'warning').map(({ code, text }) => ({ code, text }));
}

export function message(result: RunResult): string | undefined {
  return the(result, 'run_finished').message;
}

/** The error that a task ended with; of a mapped task, the last instance's that failed. */
export function taskError(result: RunResult, taskId: string): NonNullable<EventOf<'task_finished'>['error']> {
  const found = all(result, 'task_finished').findLast(
    (each) => each.task_id === taskId && each.error !== undefined,
  );
  if (found?.error !== undefined) return found.error;
  throw new Error(`${taskId} has no error. Printed:\n${result.stdout}\n${result.stderr}`);
}

/** Return values, as Python writes them, by `task_id` or `task_id[map_index]`. */
export function returned(result: RunResult): Record<string, unknown> {
  return Object.fromEntries(
    all(result, 'return_value').map((each) => [
      each.map_index < 0 ? each.task_id : `${each.task_id}[${each.map_index}]`,
      each.value,
    ]),
  );
}

export function all<Name extends RunEvent['event']>(result: RunResult, name: Name): EventOf<Name>[] {
  return result.events.filter((each): each is EventOf<Name> => each.event === name);
}
