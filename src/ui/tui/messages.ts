import type {
  DagRunSummary,
  DagSummary,
  ImportErrorSummary,
  TaskInstanceName,
  TaskInstanceSummary,
} from '../../airflow/restApi/airflowApi.ts';
import type { StackEvent } from '../../stack/events.ts';
import type { DashboardResult } from './dashboardActions.ts';
import type { LogReader } from './logBuffer.ts';
import type { DashboardState, Notice, Size } from './model.ts';

/** All that can happen to the dashboard. */
export type Message =
  | { readonly type: 'stack'; readonly event: StackEvent }
  | { readonly type: 'link'; readonly link: DashboardState['link'] }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'paste'; readonly text: string }
  | { readonly type: 'resized'; readonly size: Size }
  | { readonly type: 'seen'; readonly sight: Sight }
  | { readonly type: 'notice'; readonly notice: Notice | undefined };

/** What one look at Airflow gave. */
export type Sight =
  | { readonly look: 'dags'; readonly dags: readonly DagSummary[] }
  | {
      readonly look: 'run';
      readonly dagId: string;
      readonly runs: readonly DagRunSummary[];
      readonly tasks: readonly TaskInstanceSummary[];
    }
  | {
      readonly look: 'task';
      /** Of its newest try. */
      readonly name: TaskInstanceName;
      /** All of the run. */
      readonly tasks: readonly TaskInstanceSummary[];
      readonly log: readonly string[];
      readonly xcoms: readonly { readonly key: string; readonly value: string }[];
    }
  | { readonly look: 'errors'; readonly errors: readonly ImportErrorSummary[] }
  | { readonly look: 'failed'; readonly problem: string };

/** What a key has caused outside of the state; the shell does it. */
export type Effect =
  | { readonly type: 'leave'; readonly result: DashboardResult }
  /** In the background; `doing` is shown while it lasts. */
  | {
      readonly type: 'act';
      readonly action: 'openUi' | 'restart' | 'start' | 'stop' | 'reload';
      readonly argument?: string;
      readonly doing: string;
    }
  /** It needs the terminal for itself. */
  | {
      readonly type: 'foreground';
      readonly action: 'runDag' | 'seed' | 'unlockDb';
      readonly argument?: string;
    }
  | { readonly type: 'stream' }
  | { readonly type: 'suspend' }
  | { readonly type: 'trigger'; readonly dagId: string }
  | { readonly type: 'setPaused'; readonly dagId: string; readonly paused: boolean };

/** What `update` reads beside the state. */
export interface Surroundings {
  readonly logs: LogReader;
  /** Milliseconds since the epoch. */
  readonly clock: number;
}

export interface Outcome {
  readonly state: DashboardState;
  readonly effect?: Effect;
}

/** For a notice: long enough to be read. */
export const NOTICE_MILLISECONDS = 6000;
