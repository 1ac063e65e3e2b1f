import type { DashboardActions } from '../../../../src/ui/tui/dashboardActions.ts';
import { createLogBuffer, type LogBuffer } from '../../../../src/ui/tui/logBuffer.ts';
import type { Effect, Message } from '../../../../src/ui/tui/messages.ts';
import { initialState, type DashboardState, type Size } from '../../../../src/ui/tui/model.ts';
import { update } from '../../../../src/ui/tui/update.ts';
import { DAGS, RUN, TASKS } from './fakeAirflow.ts';
import { CLOCK, logEvent, stackEvent, stackView } from './fakeStack.ts';

export const ALL_ACTIONS: ReadonlySet<keyof DashboardActions> = new Set([
  'openUi',
  'runDag',
  'restart',
  'start',
  'stop',
  'reload',
  'seed',
  'unlockDb',
  'suspend',
]);

/** The pure part of the dashboard, told what to do by a test. */
export interface Driven {
  state: DashboardState;
  readonly logs: LogBuffer;
  readonly effects: Effect[];
  tell(message: Message): Driven;
  press(...keys: readonly string[]): Driven;
}

/** A stack that is ready, with twelve log lines, and what Airflow has answered to the first question. */
export function driven(size: Size = { columns: 80, rows: 24 }, offered = ALL_ACTIONS): Driven {
  const logs = createLogBuffer(false);
  const it: Driven = {
    state: initialState(size, offered),
    logs,
    effects: [],
    tell(message) {
      const { state, effect } = update(it.state, message, { logs, clock: CLOCK });
      it.state = state;
      if (effect !== undefined) it.effects.push(effect);
      return it;
    },
    press(...keys) {
      for (const key of keys) it.tell({ type: 'key', key });
      return it;
    },
  };
  it.tell({ type: 'link', link: 'connected' });
  it.tell({ type: 'stack', event: stackEvent({ event: 'stack', stack: stackView() }) });
  for (let line = 0; line < 12; line += 1) {
    const event = logEvent(line, line % 2 === 0 ? 'scheduler' : 'api-server', `line ${line}`);
    if (event.event === 'log') logs.add(event);
  }
  return it.tell({ type: 'seen', sight: { look: 'dags', dags: DAGS } });
}

/** The same with the last run of `orders` open. */
export function drivenRun(size?: Size): Driven {
  const it = driven(size).press('3', 'enter');
  return it.tell({ type: 'seen', sight: { look: 'run', dagId: 'orders', runs: [RUN], tasks: TASKS } });
}
