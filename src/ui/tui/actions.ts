import { actOnDags } from './dagActions.ts';
import type { ActionName } from './keys.ts';
import { actOnLogs } from './logActions.ts';
import type { Outcome, Surroundings } from './messages.ts';
import { bodyRows, isStackUp, SCREENS, type DashboardState, type ScreenName } from './model.ts';
import { isMove, scrollTop, type MoveName } from './moves.ts';
import { actOnOverlay, closed } from './overlayActions.ts';
import { createStyle } from '../style.ts';
import { paletteCommands } from './palette.ts';
import { errorLines } from './views/errorsView.ts';
import { actOnServices } from './serviceActions.ts';

/** What an action does, whether a key or the palette asked for it. */
export function act(state: DashboardState, action: ActionName, surroundings: Surroundings): Outcome {
  // Twice Ctrl+C, or nothing that could be stopped: no question.
  if (action === 'quit') return quit(state);
  if (state.overlay?.kind === 'palette' && action === 'accept') {
    const command = paletteCommands(state, state.overlay.query)[state.overlay.selected];
    return command === undefined ? { state } : act(closed(state), command.action, surroundings);
  }
  if (state.overlay !== undefined || state.typing !== undefined) {
    return actOnOverlay(state, action, surroundings);
  }
  const general = actAnywhere(state, action);
  if (general !== undefined) return general;
  switch (state.screen) {
    case 'services':
      return actOnServices(state, action);
    case 'logs':
      return actOnLogs(state, action, surroundings.logs);
    case 'dags':
      return actOnDags(state, action);
    case 'errors':
      return { state: isMove(action) ? scrollErrors(state, action, surroundings) : state };
  }
}

function actAnywhere(state: DashboardState, action: ActionName): Outcome | undefined {
  switch (action) {
    case 'services':
    case 'logs':
    case 'dags':
    case 'errors':
      return { state: { ...state, screen: action } };
    case 'nextScreen':
      return { state: { ...state, screen: otherScreen(state.screen, 1) } };
    case 'previousScreen':
      return { state: { ...state, screen: otherScreen(state.screen, -1) } };
    case 'openUi':
      return { state, effect: { type: 'act', action, doing: "Opening Airflow's UI" } };
    case 'reload':
      return { state, effect: { type: 'act', action, doing: 'Parsing all DAG files' } };
    case 'restartAll':
      return { state, effect: { type: 'act', action: 'restart', doing: 'Restarting all services' } };
    case 'seed':
    case 'unlockDb':
      return { state, effect: { type: 'foreground', action } };
    case 'palette':
      return { state: { ...state, overlay: { kind: 'palette', query: '', selected: 0 } } };
    case 'help':
      return { state: { ...state, overlay: { kind: 'help', top: 0 } } };
    case 'suspend':
      return { state, effect: { type: 'suspend' } };
    default:
      return undefined;
  }
}

function quit(state: DashboardState): Outcome {
  if (!isStackUp(state)) return { state, effect: { type: 'leave', result: 'leave-running' } };
  const { typing: _, ...rest } = state;
  return { state: { ...rest, overlay: { kind: 'quit', selected: 0 } } };
}

function otherScreen(screen: ScreenName, step: number): ScreenName {
  const index = SCREENS.indexOf(screen) + step + SCREENS.length;
  return SCREENS[index % SCREENS.length] ?? screen;
}

function scrollErrors(state: DashboardState, move: MoveName, { logs }: Surroundings): DashboardState {
  const length = errorLines(state, logs, createStyle(false)).length;
  const top = scrollTop(state.errors.top, length, move, bodyRows(state.size));
  return { ...state, errors: { ...state.errors, top } };
}
