import type { ServiceSignal } from '../services/driver.ts';
import type { ServiceStatus } from './events.ts';

/** What is known of one service. Only `nextState` makes new ones. */
export interface ServiceState {
  readonly status: ServiceStatus;
  readonly detail?: string | undefined;
  readonly pid?: number | undefined;
  /** Milliseconds since the epoch of the last change of status. */
  readonly since: number;
  /** Milliseconds since the epoch; of the process that runs now. */
  readonly startedAt?: number | undefined;
  readonly restarts: number;
  /** When it ended by itself lately, milliseconds since the epoch. */
  readonly failures: readonly number[];
  /** Since a person last asked for it. */
  readonly hasBeenReady: boolean;
}

export type ServiceEvent =
  | ServiceSignal
  | { readonly type: 'asked' }
  /** What it needs is there: its process or its task begins. */
  | { readonly type: 'begun' }
  /** It can't be started, and trying again would not help. */
  | { readonly type: 'refused'; readonly detail: string }
  | { readonly type: 'stop' }
  | { readonly type: 'stopped' };

/** Failures older than this are forgotten. */
const BUDGET_WINDOW_MS = 120_000;
/** A service that was never ready fails for good after fewer tries: its last lines are what a person needs. */
const [BUDGET, BUDGET_BEFORE_READY] = [6, 3];
const [SHORTEST_BACKOFF_MS, LONGEST_BACKOFF_MS] = [250, 15_000];

/**
 * The one state machine of a service, pure. Gives null where the event means nothing in the state: processes and
 * requests race, and the slower one is then simply late.
 */
export function nextState(state: ServiceState, event: ServiceEvent, now: number): ServiceState | null {
  switch (event.type) {
    case 'asked':
      return isIdle(state)
        ? { ...EMPTY_STATE, restarts: state.restarts, status: 'waiting', since: now }
        : null;
    case 'begun':
      return state.status === 'waiting' || state.status === 'backing-off'
        ? to(state, 'starting', now, { detail: undefined, startedAt: now, pid: undefined })
        : null;
    case 'spawned':
      return state.status === 'starting' ? { ...state, pid: event.pid } : null;
    case 'progress':
      return state.status === 'starting' || state.status === 'waiting'
        ? { ...state, detail: event.detail }
        : null;
    case 'ready':
      return state.status === 'starting' || state.status === 'unhealthy'
        ? to(state, 'ready', now, { detail: undefined, hasBeenReady: true })
        : null;
    case 'completed':
      return state.status === 'starting'
        ? to(state, 'completed', now, { detail: undefined, pid: undefined })
        : null;
    case 'silent':
      return state.status === 'ready' ? to(state, 'unhealthy', now, { detail: event.detail }) : null;
    case 'ended':
      return afterEnd(state, event.detail, now);
    case 'refused':
      return isIdle(state) || state.status === 'stopping'
        ? null
        : to(state, 'failed', now, { detail: event.detail, pid: undefined });
    case 'stop':
      return afterStop(state, now);
    default:
      return state.status === 'stopping'
        ? to(state, 'stopped', now, { detail: undefined, pid: undefined })
        : null;
  }
}

export const EMPTY_STATE: ServiceState = {
  status: 'stopped',
  since: 0,
  restarts: 0,
  failures: [],
  hasBeenReady: false,
};

/** Milliseconds to wait before a service that is backing off is started again. */
export function backoff(state: Pick<ServiceState, 'failures'>): number {
  return Math.min(SHORTEST_BACKOFF_MS * 2 ** Math.max(0, state.failures.length - 1), LONGEST_BACKOFF_MS);
}

/** True where nothing of the service runs, nor will by itself. */
export function isIdle(state: Pick<ServiceState, 'status'>): boolean {
  return state.status === 'stopped' || state.status === 'failed';
}

function afterEnd(state: ServiceState, detail: string, now: number): ServiceState | null {
  if (state.status === 'stopping') return to(state, 'stopped', now, { detail: undefined, pid: undefined });
  if (isIdle(state) || state.status === 'waiting' || state.status === 'backing-off') return null;
  const failures = [...state.failures.filter((each) => now - each < BUDGET_WINDOW_MS), now];
  const spent = failures.length >= (state.hasBeenReady ? BUDGET : BUDGET_BEFORE_READY);
  return to(state, spent ? 'failed' : 'backing-off', now, {
    detail,
    failures,
    pid: undefined,
    restarts: spent ? state.restarts : state.restarts + 1,
  });
}

function afterStop(state: ServiceState, now: number): ServiceState | null {
  if (state.status === 'stopped' || state.status === 'stopping') return null;
  const running = state.pid !== undefined || state.status === 'starting';
  return to(state, running ? 'stopping' : 'stopped', now, { detail: undefined });
}

function to(
  state: ServiceState,
  status: ServiceStatus,
  now: number,
  change: Partial<ServiceState>,
): ServiceState {
  return { ...state, ...change, status, since: now };
}
