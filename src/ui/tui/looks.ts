import type { AirflowApi, TaskInstanceName } from '../../airflow/restApi/airflowApi.ts';
import type { TaskState } from '../../dagruns/events.ts';
import { isFinished } from '../taskStates.ts';
import type { Sight } from './messages.ts';
import { isApiUp, taskKey, type DashboardState } from './model.ts';

/** What has to be asked of Airflow for what is on the screen. */
export type Look =
  | { readonly look: 'dags' }
  | { readonly look: 'run'; readonly dagId: string; readonly runId?: string | undefined }
  | { readonly look: 'task'; readonly name: TaskInstanceName }
  | { readonly look: 'errors' };

export type LookAt = (look: Look, api: AirflowApi, signal: AbortSignal) => Promise<Sight>;

/** So many are offered for going back to. */
const RUNS = 25;

/** Undefined where the screen shows nothing of Airflow's API. */
export function wantedLook(state: DashboardState): Look | undefined {
  const { screen, dags, link } = state;
  if (link !== 'connected' || !isApiUp(state)) return undefined;
  if (screen === 'errors') return { look: 'errors' };
  if (screen !== 'dags') return undefined;
  if (dags.level === 'task' && dags.task !== undefined) return { look: 'task', name: dags.task.name };
  if (dags.level === 'list' || dags.selectedDag === undefined) return { look: 'dags' };
  return { look: 'run', dagId: dags.selectedDag, runId: dags.runId };
}

/** Whether two looks ask for the same; a new try of a task is no other task. */
export function isSameLook(a: Look | undefined, b: Look | undefined): boolean {
  return JSON.stringify(withoutTry(a)) === JSON.stringify(withoutTry(b));
}

/** Looks; the log of a task that is over is not asked for again and again. */
export function createLooker(): LookAt {
  let last: { readonly of: string; readonly sight: Sight & { readonly look: 'task' } } | undefined;
  return async (look, api, signal) => {
    switch (look.look) {
      case 'dags':
        return { look: 'dags', dags: await api.dags(signal) };
      case 'errors':
        return { look: 'errors', errors: await api.importErrors(signal) };
      case 'run': {
        const runs = await api.dagRuns(look.dagId, RUNS, signal);
        const run = runs.find(({ runId }) => runId === look.runId) ?? runs[0];
        const tasks = run === undefined ? [] : await api.taskInstances(run, signal);
        return { look: 'run', dagId: look.dagId, runs, tasks };
      }
      case 'task': {
        const tasks = await api.taskInstances(look.name, signal);
        const current = tasks.find((each) => taskKey(each) === taskKey(look.name));
        const name = current === undefined ? look.name : { ...look.name, tryNumber: current.tryNumber };
        const of = JSON.stringify([name, current?.state]);
        if (last?.of === of) return { ...last.sight, tasks };
        const [log, xcoms] = await Promise.all([api.taskLog(name, signal), api.xcoms(name, signal)]);
        const sight = { look: 'task', name, tasks, log, xcoms } as const;
        last = current !== undefined && isFinished(current.state as TaskState) ? { of, sight } : undefined;
        return sight;
      }
    }
  };
}

function withoutTry(look: Look | undefined): unknown {
  return look?.look === 'task' ? { ...look, name: { ...look.name, tryNumber: 0 } } : look;
}
