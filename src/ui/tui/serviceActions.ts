import type { ServiceView } from '../../stack/events.ts';
import type { ActionName } from './keys.ts';
import type { Outcome } from './messages.ts';
import { bodyRows, type DashboardState } from './model.ts';
import { isMove, moveName } from './moves.ts';
import { selectedService } from './selection.ts';

export function actOnServices(state: DashboardState, action: ActionName): Outcome {
  const service = selectedService(state);
  if (service === undefined) return { state };
  if (isMove(action)) {
    const names = state.model.stack?.services ?? [];
    const page = bodyRows(state.size);
    const selected = moveName(names, ({ name }) => name, service.name, action, page);
    return { state: { ...state, selectedService: selected } };
  }
  switch (action) {
    case 'showLogs':
      return {
        state: {
          ...state,
          screen: 'logs',
          logs: { ...state.logs, service: service.name, bottom: undefined, match: undefined },
        },
      };
    case 'restart':
      return {
        state,
        effect: { type: 'act', action, argument: service.name, doing: `Restarting ${service.name}` },
      };
    case 'stopService':
      return stopOrStart(state, service);
    default:
      return { state };
  }
}

function stopOrStart(state: DashboardState, { name, status }: ServiceView): Outcome {
  if (status !== 'stopped' && status !== 'failed') {
    return { state, effect: { type: 'act', action: 'stop', argument: name, doing: `Stopping ${name}` } };
  }
  if (!state.offered.has('start')) return { state };
  return { state, effect: { type: 'act', action: 'start', argument: name, doing: `Starting ${name}` } };
}
