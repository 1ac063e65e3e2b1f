import type { ActionName } from './keys.ts';
import type { LogReader } from './logBuffer.ts';
import { goToMatch, nextFilter, reading, scrollLogs } from './logMoves.ts';
import type { Outcome } from './messages.ts';
import { bodyRows, type DashboardState, type LogsState } from './model.ts';
import { isMove } from './moves.ts';

export function actOnLogs(state: DashboardState, action: ActionName, reader: LogReader): Outcome {
  const { logs } = state;
  const ring = reading(reader, logs);
  // One row of the body says what is shown.
  const page = Math.max(1, bodyRows(state.size) - 1);
  const services = (state.model.stack?.services ?? []).map(({ name }) => name);
  if (isMove(action)) return withLogs(state, scrollLogs(logs, ring, action, page));
  switch (action) {
    case 'search':
      return {
        state: {
          ...state,
          typing: { purpose: 'search', text: '' },
          logs: { ...logs, query: '', match: undefined, matches: undefined },
        },
      };
    case 'nextMatch':
    case 'previousMatch':
      return withLogs(state, goToMatch(logs, ring, page, action === 'nextMatch'));
    case 'filter':
    case 'filterBack': {
      const service = nextFilter(logs.service, services, action === 'filter' ? 1 : -1);
      return withLogs(state, { ...logs, service, bottom: undefined, match: undefined });
    }
    case 'wrap':
      return withLogs(state, { ...logs, wrap: !logs.wrap });
    case 'stream':
      return { state, effect: { type: 'stream' } };
    case 'back':
      return withLogs(state, {
        ...logs,
        query: '',
        match: undefined,
        matches: undefined,
        ...(logs.query === '' ? { service: undefined, bottom: undefined } : {}),
      });
    default:
      return { state };
  }
}

function withLogs(state: DashboardState, logs: LogsState): Outcome {
  return { state: { ...state, logs } };
}
