import type { ActionName } from './keys.ts';
import { countMatches, goToMatch, reading } from './logMoves.ts';
import type { Outcome, Surroundings } from './messages.ts';
import { bodyRows, type DashboardState } from './model.ts';
import { isMove, scrollTop, type MoveName } from './moves.ts';
import { createStyle } from '../style.ts';
import { paletteCommands } from './palette.ts';
import { endTyping, eraseText } from './typing.ts';
import { helpLines } from './views/helpView.ts';

/** While a question, the palette, the help or a text field is open, it has all keys. */
export function actOnOverlay(state: DashboardState, action: ActionName, surroundings: Surroundings): Outcome {
  switch (action) {
    case 'erase':
    case 'eraseAll':
      return { state: eraseText(state, action === 'eraseAll') };
    case 'close':
      return { state: closed(state) };
    case 'leaveRunning':
      return { state, effect: { type: 'leave', result: 'leave-running' } };
    case 'stopStack':
      return { state, effect: { type: 'leave', result: 'stop' } };
    case 'previousChoice':
    case 'nextChoice':
      return { state: withChoice(state, action === 'nextChoice' ? 1 : -1) };
    case 'accept':
      return accept(state, surroundings);
    default:
      return { state: isMove(action) ? scrollHelp(state, action) : state };
  }
}

/** How many choices the question before leaving has. */
export const QUIT_CHOICES = ['leaveRunning', 'stopStack', 'close'] as const;

function accept(state: DashboardState, surroundings: Surroundings): Outcome {
  const { overlay, typing } = state;
  if (overlay?.kind === 'quit') {
    return actOnOverlay(state, QUIT_CHOICES[overlay.selected] ?? 'close', surroundings);
  }
  const ended = endTyping(state, true);
  if (typing?.purpose !== 'search' || ended.logs.query === '') return { state: ended };
  const ring = reading(surroundings.logs, ended.logs);
  const logs = goToMatch(ended.logs, ring, Math.max(1, bodyRows(state.size) - 1), true);
  return { state: { ...ended, logs: { ...logs, matches: countMatches(ring, logs.query) } } };
}

/** Without what lies over the screen. */
export function closed(state: DashboardState): DashboardState {
  if (state.overlay === undefined) return endTyping(state, false);
  const { overlay: _, ...rest } = state;
  return rest;
}

function withChoice(state: DashboardState, step: number): DashboardState {
  const { overlay } = state;
  if (overlay === undefined || overlay.kind === 'help') return state;
  const count = overlay.kind === 'quit' ? QUIT_CHOICES.length : paletteCommands(state, overlay.query).length;
  const selected = Math.max(0, Math.min(count - 1, overlay.selected + step));
  return { ...state, overlay: { ...overlay, selected } };
}

function scrollHelp(state: DashboardState, move: MoveName): DashboardState {
  const { overlay } = state;
  if (overlay?.kind !== 'help') return state;
  const length = helpLines(state, createStyle(false)).length;
  return {
    ...state,
    overlay: { ...overlay, top: scrollTop(overlay.top, length, move, bodyRows(state.size)) },
  };
}
