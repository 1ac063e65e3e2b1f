import type {
  AirflowApi,
  DagRunSummary,
  DagSummary,
  TaskInstanceSummary,
} from '../../../../src/airflow/restApi/airflowApi.ts';
import { CLOCK } from './fakeStack.ts';

export const RUN: DagRunSummary = {
  dagId: 'orders',
  runId: 'manual__2026-11-21T11:58:00+00:00',
  state: 'running',
  startedAt: CLOCK - 120_000,
};

const OLDER_RUN: DagRunSummary = {
  dagId: 'orders',
  runId: 'scheduled__2026-11-20T00:00:00+00:00',
  state: 'success',
  startedAt: CLOCK - 43_200_000,
  endedAt: CLOCK - 43_190_000,
};

export const DAGS: readonly DagSummary[] = [
  { dagId: 'orders', paused: false, schedule: '@daily', lastRun: RUN, hasImportErrors: false },
  {
    dagId: 'ship_parcels',
    paused: true,
    schedule: '0 3 * * *',
    lastRun: { ...OLDER_RUN, dagId: 'ship_parcels', state: 'failed' },
    hasImportErrors: false,
  },
  { dagId: 'train_模型', paused: true, hasImportErrors: false },
  { dagId: 'weekly_report', paused: false, schedule: '@weekly', hasImportErrors: true },
];

export const TASKS: readonly TaskInstanceSummary[] = [
  task('extract', 'success', {
    startedAt: CLOCK - 119_000,
    endedAt: CLOCK - 118_600,
    operator: 'PythonOperator',
  }),
  task('double', 'success', { mapIndex: 0, startedAt: CLOCK - 118_000, endedAt: CLOCK - 106_000 }),
  task('double', 'failed', {
    mapIndex: 1,
    startedAt: CLOCK - 118_000,
    endedAt: CLOCK - 117_000,
    tryNumber: 2,
  }),
  task('load', 'running', { startedAt: CLOCK - 42_000, operator: 'BashOperator' }),
  task('notify', 'queued', { operator: 'EmailOperator' }),
];

export interface FakeAirflow extends AirflowApi {
  /** Names of what was asked, in order. */
  readonly asked: string[];
}

export function createFakeAirflow(): FakeAirflow {
  const asked: string[] = [];
  async function answer<T>(what: string, value: T): Promise<T> {
    asked.push(what);
    return value;
  }
  return {
    asked,
    dags: () => answer('dags', DAGS),
    importErrors: () =>
      answer('importErrors', [
        {
          file: '/home/ann/orders/dags/broken.py',
          text: 'Traceback (most recent call last):\n  File "/home/ann/orders/dags/broken.py", line 3, in <module>\n    import panda\nModuleNotFoundError: No module named \'panda\'',
        },
      ]),
    dagRuns: (dagId) => answer(`dagRuns ${dagId}`, dagId === 'orders' ? [RUN, OLDER_RUN] : []),
    taskInstances: (run) => answer(`taskInstances ${run.runId}`, TASKS),
    taskLog: ({ taskId }) =>
      answer(
        `taskLog ${taskId}`,
        Array.from({ length: 40 }, (_, index) => `${taskId}: line ${index + 1}`),
      ),
    xcoms: ({ taskId }) =>
      answer(`xcoms ${taskId}`, [{ key: 'return_value', value: '{"rows": 5,\n "día": "früh"}' }]),
    trigger: (dagId) => answer(`trigger ${dagId}`, { dagId, runId: 'manual__new' }),
    setPaused: (dagId, paused) => answer(`setPaused ${dagId} ${paused}`, undefined),
  };
}

function task(taskId: string, state: string, fields: Partial<TaskInstanceSummary>): TaskInstanceSummary {
  return { dagId: RUN.dagId, runId: RUN.runId, taskId, mapIndex: -1, tryNumber: 1, state, ...fields };
}
