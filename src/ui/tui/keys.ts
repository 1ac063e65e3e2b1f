import type { DashboardActions } from './dashboardActions.ts';

/** Where a key means something. `run` and `task` are the two deeper levels of the DAGs screen. */
export type KeyContext =
  | 'anywhere'
  | 'services'
  | 'logs'
  | 'dags'
  | 'run'
  | 'task'
  | 'errors'
  | 'help'
  | 'palette'
  | 'typing'
  | 'quit';

export type ActionName = (typeof KEYS)[number]['action'];

export interface KeyBinding {
  readonly action: string;
  readonly context: KeyContext;
  readonly keys: readonly string[];
  /** What it does, as the help and the palette say it. */
  readonly text: string;
  /** For the footer, where there is room for it. */
  readonly short?: string;
  /** The action of the command without which the key is not offered. */
  readonly needs?: keyof DashboardActions;
  /** Moves are not offered in the palette: nobody looks for them there. */
  readonly isMove?: true;
}

/** Every key of the dashboard: handlers, footer, help, palette and docs/keys.md are made from this one table, a row a line. */
// prettier-ignore
const KEYS = [
  { action: 'services', context: 'anywhere', keys: ['1'], text: 'Services' },
  { action: 'logs', context: 'anywhere', keys: ['2'], text: 'Logs' },
  { action: 'dags', context: 'anywhere', keys: ['3'], text: 'DAGs' },
  { action: 'errors', context: 'anywhere', keys: ['4'], text: 'Errors' },
  { action: 'nextScreen', context: 'anywhere', keys: ['tab'], text: 'Next screen', isMove: true },
  { action: 'previousScreen', context: 'anywhere', keys: ['shift+tab'], text: 'Previous screen', isMove: true },
  { action: 'up', context: 'anywhere', keys: ['up', 'k'], text: 'Up', isMove: true },
  { action: 'down', context: 'anywhere', keys: ['down', 'j'], text: 'Down', isMove: true },
  { action: 'pageUp', context: 'anywhere', keys: ['pageup', 'ctrl+u'], text: 'A page up', isMove: true },
  { action: 'pageDown', context: 'anywhere', keys: ['pagedown', 'ctrl+d'], text: 'A page down', isMove: true },
  { action: 'first', context: 'anywhere', keys: ['home', 'g'], text: 'To the beginning', isMove: true },
  { action: 'last', context: 'anywhere', keys: ['end', 'G'], text: 'To the end; logs follow again', isMove: true },
  { action: 'openUi', context: 'anywhere', keys: ['o'], text: "Open Airflow's UI", short: 'open UI', needs: 'openUi' },
  { action: 'restartAll', context: 'anywhere', keys: ['R'], text: 'Restart all services', needs: 'restart' },
  { action: 'reload', context: 'anywhere', keys: ['L'], text: 'Parse all DAG files now', needs: 'reload' },
  { action: 'seed', context: 'anywhere', keys: ['S'], text: 'Seed variables, connections and pools', needs: 'seed' },
  { action: 'unlockDb', context: 'anywhere', keys: ['U'], text: 'Find and free what locks the database', needs: 'unlockDb' },
  { action: 'palette', context: 'anywhere', keys: [':', 'ctrl+k'], text: 'Find a command by name', short: 'commands' },
  { action: 'help', context: 'anywhere', keys: ['?'], text: 'Help', short: 'help' },
  { action: 'suspend', context: 'anywhere', keys: ['ctrl+z'], text: 'Back to the shell, until fg', needs: 'suspend', isMove: true },
  { action: 'quit', context: 'anywhere', keys: ['q', 'ctrl+c'], text: 'Quit: leave the stack running, or stop it', short: 'quit' },

  { action: 'showLogs', context: 'services', keys: ['enter'], text: 'The logs of the service', short: 'logs' },
  { action: 'restart', context: 'services', keys: ['r'], text: 'Restart the service', short: 'restart', needs: 'restart' },
  { action: 'stopService', context: 'services', keys: ['s'], text: 'Stop the service, or start it again', short: 'stop/start', needs: 'stop' },

  { action: 'search', context: 'logs', keys: ['/'], text: 'Search', short: 'search' },
  { action: 'nextMatch', context: 'logs', keys: ['n'], text: 'The next match, upwards', isMove: true },
  { action: 'previousMatch', context: 'logs', keys: ['N'], text: 'The match before, downwards', isMove: true },
  { action: 'filter', context: 'logs', keys: ['f', 'right'], text: 'Only the next service', short: 'service' },
  { action: 'filterBack', context: 'logs', keys: ['F', 'left'], text: 'Only the service before' },
  { action: 'wrap', context: 'logs', keys: ['w'], text: 'Whole lines, wrapped, with where they were logged', short: 'wrap' },
  { action: 'stream', context: 'logs', keys: ['c'], text: 'Plain lines on the normal screen, to copy from', short: 'copy' },
  { action: 'back', context: 'logs', keys: ['escape'], text: 'End the search, then show all services', isMove: true },

  { action: 'openDag', context: 'dags', keys: ['enter', 'right'], text: 'The last run of the DAG and its tasks', short: 'runs' },
  { action: 'trigger', context: 'dags', keys: ['t'], text: 'Trigger the DAG', short: 'trigger' },
  { action: 'pause', context: 'dags', keys: ['p'], text: 'Pause or unpause the DAG', short: 'pause' },
  { action: 'runDag', context: 'dags', keys: ['x'], text: 'Run the DAG here, as devenv run-dag', short: 'run-dag', needs: 'runDag' },
  { action: 'filterDags', context: 'dags', keys: ['/'], text: 'Only DAGs whose id contains a text', short: 'find' },
  { action: 'back', context: 'dags', keys: ['escape'], text: 'All DAGs again', isMove: true },

  { action: 'openTask', context: 'run', keys: ['enter', 'right'], text: 'Log and XCom of the task', short: 'log' },
  { action: 'olderRun', context: 'run', keys: ['['], text: 'The run before', short: 'older' },
  { action: 'newerRun', context: 'run', keys: [']'], text: 'The run after', short: 'newer' },
  { action: 'trigger', context: 'run', keys: ['t'], text: 'Trigger the DAG', short: 'trigger' },
  { action: 'pause', context: 'run', keys: ['p'], text: 'Pause or unpause the DAG' },
  { action: 'runDag', context: 'run', keys: ['x'], text: 'Run the DAG here, as devenv run-dag', short: 'run-dag', needs: 'runDag' },
  { action: 'back', context: 'run', keys: ['escape', 'left', 'backspace'], text: 'Back to the DAGs', short: 'back' },

  { action: 'switchPane', context: 'task', keys: ['v', 'enter'], text: 'Log or XCom', short: 'log/XCom' },
  { action: 'wrapTask', context: 'task', keys: ['w'], text: 'Whole lines, wrapped, with where they were logged', short: 'wrap' },
  { action: 'back', context: 'task', keys: ['escape', 'left', 'backspace'], text: 'Back to the run', short: 'back' },

  { action: 'close', context: 'help', keys: ['escape', '?', 'q', 'enter'], text: 'Close the help', short: 'close' },

  { action: 'accept', context: 'palette', keys: ['enter'], text: 'Do it', short: 'do it' },
  { action: 'close', context: 'palette', keys: ['escape', 'ctrl+k'], text: 'Close', short: 'close' },
  { action: 'previousChoice', context: 'palette', keys: ['up', 'ctrl+p', 'shift+tab'], text: 'The command above' },
  { action: 'nextChoice', context: 'palette', keys: ['down', 'ctrl+n', 'tab'], text: 'The command below' },
  { action: 'erase', context: 'palette', keys: ['backspace', 'delete'], text: 'Erase a character' },
  { action: 'eraseAll', context: 'palette', keys: ['ctrl+u'], text: 'Erase all' },

  { action: 'accept', context: 'typing', keys: ['enter'], text: 'Search', short: 'search' },
  { action: 'close', context: 'typing', keys: ['escape'], text: 'Cancel', short: 'cancel' },
  { action: 'erase', context: 'typing', keys: ['backspace', 'delete'], text: 'Erase a character' },
  { action: 'eraseAll', context: 'typing', keys: ['ctrl+u'], text: 'Erase all' },

  { action: 'leaveRunning', context: 'quit', keys: ['l', 'ctrl+c'], text: 'Leave the stack running', short: 'leave running' },
  { action: 'stopStack', context: 'quit', keys: ['s'], text: 'Stop the stack', short: 'stop' },
  { action: 'close', context: 'quit', keys: ['c', 'escape', 'q'], text: 'Cancel', short: 'cancel' },
  { action: 'previousChoice', context: 'quit', keys: ['up', 'k', 'shift+tab'], text: 'The choice above' },
  { action: 'nextChoice', context: 'quit', keys: ['down', 'j', 'tab'], text: 'The choice below' },
  { action: 'accept', context: 'quit', keys: ['enter'], text: 'The marked choice' },
] as const satisfies readonly KeyBinding[];

/** The same table, for readers that need not know each row's type. */
export const KEY_BINDINGS: readonly (KeyBinding & { readonly action: ActionName })[] = KEYS;

/** Contexts that take every key: what stands below them must not hear any. */
const MODAL: ReadonlySet<KeyContext> = new Set(['help', 'palette', 'typing', 'quit']);

/** The binding of a key; a screen's own goes before the one that holds anywhere. */
export function bindingOf(
  context: KeyContext,
  key: string,
  offered: ReadonlySet<keyof DashboardActions>,
): (typeof KEY_BINDINGS)[number] | undefined {
  const found = bindingsIn(context, offered).find((each) => each.keys.includes(key));
  // Whoever presses it wants out, whatever is open.
  return found ?? (key === 'ctrl+c' ? KEY_BINDINGS.find(({ action }) => action === 'quit') : undefined);
}

/** The bindings that hold in a context, its own first. */
export function bindingsIn(
  context: KeyContext,
  offered: ReadonlySet<keyof DashboardActions>,
): readonly (typeof KEY_BINDINGS)[number][] {
  const possible = KEY_BINDINGS.filter(({ needs }) => needs === undefined || offered.has(needs));
  const own = possible.filter((each) => each.context === context);
  if (context === 'help')
    return [...own, ...possible.filter((each) => each.context === 'anywhere' && isScroll(each))];
  return MODAL.has(context) ? own : [...own, ...possible.filter((each) => each.context === 'anywhere')];
}

function isScroll({ action }: { readonly action: ActionName }): boolean {
  return ['up', 'down', 'pageUp', 'pageDown', 'first', 'last'].includes(action);
}
