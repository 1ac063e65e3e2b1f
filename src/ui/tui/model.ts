import type {
  DagRunSummary,
  DagSummary,
  ImportErrorSummary,
  TaskInstanceName,
  TaskInstanceSummary,
} from '../../airflow/restApi/airflowApi.ts';
import { EMPTY_STACK, type StackModel } from '../stackModel.ts';
import type { DashboardActions } from './dashboardActions.ts';
import type { KeyContext } from './keys.ts';

export const SCREENS = ['services', 'logs', 'dags', 'errors'] as const;
export type ScreenName = (typeof SCREENS)[number];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** All that decides what the dashboard looks like, besides the log lines and the time. Only `update` makes new ones. */
export interface DashboardState {
  readonly model: StackModel;
  /** To the supervisor. */
  readonly link: 'connecting' | 'connected' | 'lost';
  readonly offered: ReadonlySet<keyof DashboardActions>;
  readonly size: Size;
  readonly screen: ScreenName;
  /** By name; the first one when it is undefined or gone. */
  readonly selectedService?: string | undefined;
  readonly logs: LogsState;
  readonly dags: DagsState;
  readonly errors: ErrorsState;
  readonly overlay?: Overlay | undefined;
  /** A line of text that is being typed. */
  readonly typing?: { readonly purpose: 'search' | 'filterDags'; readonly text: string } | undefined;
  readonly notice?: Notice | undefined;
}

export type Overlay =
  | { readonly kind: 'help'; readonly top: number }
  | { readonly kind: 'palette'; readonly query: string; readonly selected: number }
  | { readonly kind: 'quit'; readonly selected: number };

export interface Notice {
  readonly level: 'info' | 'error';
  readonly text: string;
  /** Milliseconds since the epoch; Infinity while work goes on. */
  readonly until: number;
}

export interface LogsState {
  /** Undefined for all of them. */
  readonly service?: string | undefined;
  /** The position after the last line on the screen; undefined while new lines are followed. */
  readonly bottom?: number | undefined;
  readonly wrap: boolean;
  readonly query: string;
  /** Position of the match that was last gone to. */
  readonly match?: number | undefined;
  /** How many lines matched when the search was begun. */
  readonly matches?: number | undefined;
}

export interface DagsState {
  readonly level: 'list' | 'run' | 'task';
  /** Undefined until Airflow has answered. */
  readonly list?: readonly DagSummary[] | undefined;
  readonly filter: string;
  readonly selectedDag?: string | undefined;
  /** The newest first. */
  readonly runs: readonly DagRunSummary[];
  /** Undefined for the newest one, also when there comes a newer. */
  readonly runId?: string | undefined;
  readonly tasks?: readonly TaskInstanceSummary[] | undefined;
  /** As `taskKey` makes it. */
  readonly selectedTask?: string | undefined;
  readonly task?: TaskDetails | undefined;
  /** Why Airflow could not be asked. */
  readonly problem?: string | undefined;
}

export interface TaskDetails {
  readonly name: TaskInstanceName;
  readonly log?: readonly string[] | undefined;
  readonly xcoms?: readonly { readonly key: string; readonly value: string }[] | undefined;
  readonly pane: 'log' | 'xcom';
  /** Lines of the log below the screen; 0 follows its end. */
  readonly fromEnd: number;
  /** The first line of the XCom values on the screen. */
  readonly top: number;
  readonly wrap: boolean;
}

export interface ErrorsState {
  readonly list?: readonly ImportErrorSummary[] | undefined;
  readonly top: number;
  readonly problem?: string | undefined;
}

export function initialState(size: Size, offered: ReadonlySet<keyof DashboardActions>): DashboardState {
  return {
    model: EMPTY_STACK,
    link: 'connecting',
    offered,
    size,
    screen: 'services',
    logs: { wrap: false, query: '' },
    dags: { level: 'list', filter: '', runs: [] },
    errors: { top: 0 },
  };
}

/** Where the next key is looked up. */
export function contextOf(state: DashboardState): KeyContext {
  if (state.overlay !== undefined) return state.overlay.kind;
  if (state.typing !== undefined) return 'typing';
  if (state.screen !== 'dags') return state.screen;
  return state.dags.level === 'list' ? 'dags' : state.dags.level;
}

/** Rows between the header and the footer. At least one row of the screen stays free: a full one makes ink clear it. */
export function bodyRows({ rows }: Size): number {
  return Math.max(1, rows - 4);
}

export function taskKey(task: { readonly taskId: string; readonly mapIndex: number }): string {
  return task.mapIndex < 0 ? task.taskId : `${task.taskId}[${task.mapIndex}]`;
}

export function visibleDags({ list, filter }: DagsState): readonly DagSummary[] {
  const wanted = filter.toLowerCase();
  return (list ?? []).filter(({ dagId }) => dagId.toLowerCase().includes(wanted));
}

/** The run whose tasks are shown. */
export function shownRun({ runs, runId }: DagsState): DagRunSummary | undefined {
  return runId === undefined ? runs[0] : runs.find((each) => each.runId === runId);
}

/** True while there is a stack that could be stopped, and somebody to tell about it. */
export function isStackUp({ link, model }: DashboardState): boolean {
  return link === 'connected' && model.stack?.status !== 'stopped';
}

/** Whether it is worth asking Airflow anything. */
export function isApiUp({ model }: DashboardState): boolean {
  const server = model.stack?.services.find(({ name }) => name === 'api-server');
  return model.stack?.url !== undefined && (server?.status === 'ready' || server?.status === 'unhealthy');
}
