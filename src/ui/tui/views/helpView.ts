import type { Style } from '../../style.ts';
import { cutColumns, padColumns, textWidth } from '../../textWidth.ts';
import { bindingsIn } from '../keys.ts';
import { CONTEXT_TITLES, keyTitles } from '../keyTitles.ts';
import { contextOf, type DashboardState } from '../model.ts';

/** The keys of the screen below, then those that work anywhere. */
export function helpView(state: DashboardState, rows: number, style: Style): string[] {
  const lines = helpLines(state, style);
  const top = Math.min(
    state.overlay?.kind === 'help' ? state.overlay.top : 0,
    Math.max(0, lines.length - rows),
  );
  return lines.slice(top, top + rows);
}

export function helpLines(state: DashboardState, style: Style): string[] {
  const below = contextOf({ ...state, overlay: undefined, typing: undefined });
  const bindings = bindingsIn(below, state.offered);
  const names = Math.max(...bindings.map((each) => textWidth(keyTitles(each))));
  return [below, 'anywhere' as const].flatMap((context) => {
    const own = bindings.filter((each) => each.context === context);
    if (own.length === 0) return [];
    const lines = own.map((each) => `  ${style.cyan(padColumns(keyTitles(each), names))}  ${each.text}`);
    return [style.bold(CONTEXT_TITLES[context]), ...lines].map((line) =>
      cutColumns(line, state.size.columns),
    );
  });
}
