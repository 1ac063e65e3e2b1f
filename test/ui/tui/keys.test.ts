import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import type { DashboardActions } from '../../../src/ui/tui/dashboardActions.ts';
import { bindingOf, bindingsIn, KEY_BINDINGS, type KeyContext } from '../../../src/ui/tui/keys.ts';
import { keysDocument } from '../../../src/ui/tui/keysDocument.ts';
import { CONTEXT_TITLES } from '../../../src/ui/tui/keyTitles.ts';
import { ALL_ACTIONS, driven, drivenRun, type Driven } from './support/dashboardState.ts';
import { RUN, TASKS } from './support/fakeAirflow.ts';

const CONTEXTS = Object.keys(CONTEXT_TITLES) as KeyContext[];
const NOTHING: ReadonlySet<keyof DashboardActions> = new Set();

/** A dashboard in which each key of the context has something to do. */
const PLACES: Readonly<Record<Exclude<KeyContext, 'anywhere'>, () => Driven>> = {
  services: () => driven().press('down', 'down', 'down'),
  logs: () => driven({ columns: 80, rows: 10 }).press('2', '/', 'l', 'i', 'n', 'e', 'enter', 'f', 'F', 'up'),
  dags: () => driven().press('3', '/', 'p', 'enter', 'down'),
  run: () => severalRuns(),
  task: () => longTask(),
  errors: () => longErrors(),
  help: () => driven({ columns: 80, rows: 10 }).press('?', 'down', 'down'),
  palette: () => driven().press(':', 'e', 'down'),
  typing: () => driven().press('2', '/', 'x'),
  quit: () => driven().press('q', 'down'),
};

test('in no context does a key mean two things', () => {
  for (const context of CONTEXTS) {
    const keys = KEY_BINDINGS.filter((each) => each.context === context).flatMap((each) => each.keys);
    expect(keys, context).toEqual([...new Set(keys)]);
  }
});

test.each(
  KEY_BINDINGS.filter(({ context }) => context !== 'anywhere').flatMap((each) =>
    each.keys.map((key) => ({ ...each, key })),
  ),
)('$context: $key does something', ({ context, key }) => {
  expect(doesSomething(PLACES[context as Exclude<KeyContext, 'anywhere'>], key)).toBe(true);
});

test.each(KEY_BINDINGS.filter(({ context }) => context === 'anywhere').flatMap(({ keys }) => keys))(
  'anywhere: %s does something on some screen',
  (key) => {
    const screens = [PLACES.services, PLACES.logs, PLACES.dags, PLACES.errors];
    expect(screens.some((place) => doesSomething(place, key))).toBe(true);
  },
);

test('a key whose action is not offered is none', () => {
  expect(bindingOf('services', 'r', NOTHING)).toBeUndefined();
  expect(bindingsIn('services', NOTHING).filter(({ needs }) => needs !== undefined)).toEqual([]);
});

test('what is open has all keys to itself, but Ctrl+C gets through', () => {
  for (const context of ['typing', 'palette', 'help'] as const) {
    expect(bindingOf(context, '1', ALL_ACTIONS), context).toBeUndefined();
    expect(bindingOf(context, 'ctrl+c', ALL_ACTIONS)?.action).toBe('quit');
  }
});

test('docs/keys.md is up to date (node scripts/generate-keys.mjs)', async () => {
  const wanted = await format(keysDocument(), { parser: 'markdown', printWidth: 110 });
  expect(await readFile(new URL('../../../docs/keys.md', import.meta.url), 'utf8')).toBe(wanted);
});

function doesSomething(place: () => Driven, key: string): boolean {
  const it = place();
  const before = it.state;
  const effects = it.effects.length;
  it.press(key);
  return JSON.stringify(it.state) !== JSON.stringify(before) || it.effects.length > effects;
}

function severalRuns(): Driven {
  const runs = ['c', 'b', 'a'].map((runId) => ({ ...RUN, runId }));
  const seen = { type: 'seen', sight: { look: 'run', dagId: 'orders', runs, tasks: TASKS } } as const;
  return drivenRun().tell(seen).press('[').tell(seen).press('down', 'down');
}

function longTask(): Driven {
  const it = drivenRun({ columns: 80, rows: 10 }).press('enter');
  const log = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const name = { ...RUN, taskId: 'extract', mapIndex: -1, tryNumber: 1 };
  it.tell({ type: 'seen', sight: { look: 'task', name, tasks: TASKS, log, xcoms: [] } });
  return it.press('up', 'up');
}

function longErrors(): Driven {
  const it = driven({ columns: 80, rows: 10 }).press('4');
  const text = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
  it.tell({ type: 'seen', sight: { look: 'errors', errors: [{ file: 'dags/a.py', text }] } });
  return it.press('down', 'down');
}
