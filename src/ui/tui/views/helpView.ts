import type { Style } from '../../style.ts';
import { cutColumns, padColumns, textWidth } from '../../textWidth.ts';
import { bindingsIn, type KeyBinding, type KeyContext } from '../keys.ts';
import { contextOf, type DashboardState } from '../model.ts';

export const CONTEXT_TITLES: Readonly<Record<KeyContext, string>> = {
  anywhere: 'Anywhere',
  services: 'Services',
  logs: 'Logs',
  dags: 'DAGs',
  run: 'A DAG run',
  task: 'A task',
  errors: 'Errors',
  help: 'This help',
  palette: 'Finding a command',
  typing: 'Typing',
  quit: 'The question before leaving',
};

/** How the keys of the table are called on a keyboard. */
const KEY_TITLES: Readonly<Record<string, string>> = {
  'up': '↑',
  'down': '↓',
  'left': '←',
  'right': '→',
  'enter': 'Enter',
  'escape': 'Esc',
  'tab': 'Tab',
  'shift+tab': 'Shift+Tab',
  'pageup': 'PgUp',
  'pagedown': 'PgDn',
  'home': 'Home',
  'end': 'End',
  'backspace': 'Backspace',
  'delete': 'Del',
};

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

/** `↑ k`, `Ctrl+C`. */
export function keyTitles({ keys }: Pick<KeyBinding, 'keys'>): string {
  return keys.map(keyTitle).join(' ');
}

export function keyTitle(key: string): string {
  if (key.startsWith('ctrl+')) return `Ctrl+${key.slice('ctrl+'.length).toUpperCase()}`;
  return KEY_TITLES[key] ?? key;
}
