import type { Sight } from './messages.ts';
import { taskKey, type DashboardState } from './model.ts';

/** The state after a look at Airflow. An answer that nobody waits for any more changes nothing. */
export function withSight(state: DashboardState, sight: Sight): DashboardState {
  const { dags } = state;
  switch (sight.look) {
    case 'dags':
      return { ...state, dags: { ...dags, list: sight.dags, problem: undefined } };
    case 'run': {
      if (sight.dagId !== dags.selectedDag) return state;
      const { runs, tasks } = sight;
      return { ...state, dags: { ...dags, runs, tasks, problem: undefined } };
    }
    case 'task': {
      const { task } = dags;
      if (task === undefined || !isSameTask(task.name, sight.name)) return state;
      const { name, tasks, log, xcoms } = sight;
      return { ...state, dags: { ...dags, tasks, task: { ...task, name, log, xcoms }, problem: undefined } };
    }
    case 'errors':
      return { ...state, errors: { ...state.errors, list: sight.errors, problem: undefined } };
    case 'failed':
      return state.screen === 'errors'
        ? { ...state, errors: { ...state.errors, problem: sight.problem } }
        : { ...state, dags: { ...dags, problem: sight.problem } };
  }
}

function isSameTask(
  a: { readonly runId: string; readonly taskId: string; readonly mapIndex: number },
  b: typeof a,
): boolean {
  return a.runId === b.runId && taskKey(a) === taskKey(b);
}
