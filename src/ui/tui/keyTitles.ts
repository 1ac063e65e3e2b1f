import type { KeyBinding, KeyContext } from './keys.ts';

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

/** `↑ k`, `Ctrl+C`. */
export function keyTitles({ keys }: Pick<KeyBinding, 'keys'>): string {
  return keys.map(keyTitle).join(' ');
}

export function keyTitle(key: string): string {
  if (key.startsWith('ctrl+')) return `Ctrl+${key.slice('ctrl+'.length).toUpperCase()}`;
  return KEY_TITLES[key] ?? key;
}
