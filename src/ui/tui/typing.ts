import type { DashboardState } from './model.ts';

/** Adds text to what is being typed; outside of a text field it changes nothing. */
export function typeText(state: DashboardState, text: string): DashboardState {
  const { overlay, typing } = state;
  if (overlay?.kind === 'palette') {
    return { ...state, overlay: { ...overlay, query: overlay.query + text, selected: 0 } };
  }
  if (overlay !== undefined || typing === undefined) return state;
  return withTyped(state, typing.text + text);
}

export function eraseText(state: DashboardState, everything: boolean): DashboardState {
  const { overlay, typing } = state;
  if (overlay?.kind === 'palette') {
    return { ...state, overlay: { ...overlay, query: shorter(overlay.query, everything), selected: 0 } };
  }
  return typing === undefined ? state : withTyped(state, shorter(typing.text, everything));
}

/** Ends typing; what was typed counts or not. */
export function endTyping(state: DashboardState, accepted: boolean): DashboardState {
  const { typing, ...rest } = state;
  if (typing === undefined || accepted) return rest;
  if (typing.purpose === 'search')
    return { ...rest, logs: { ...state.logs, query: '', match: undefined, matches: undefined } };
  return { ...rest, dags: { ...state.dags, filter: '' } };
}

/** What is typed shows its effect at once. */
function withTyped(state: DashboardState, text: string): DashboardState {
  const typing = { purpose: state.typing?.purpose ?? 'search', text } as const;
  if (typing.purpose === 'filterDags') return { ...state, typing, dags: { ...state.dags, filter: text } };
  return { ...state, typing, logs: { ...state.logs, query: text, match: undefined, matches: undefined } };
}

function shorter(text: string, everything: boolean): string {
  return everything ? '' : Array.from(text).slice(0, -1).join('');
}
