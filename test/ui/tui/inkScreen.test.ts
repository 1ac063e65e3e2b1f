import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openInkScreen, type Screen } from '../../../src/ui/tui/inkScreen.ts';
import type { Size } from '../../../src/ui/tui/model.ts';
import { createFakeTerminal, type FakeTerminal } from '../support/fakeTerminal.ts';
import { waitUntil } from '../support/waitUntil.ts';
import { createFakeKeyboard } from './support/fakeScreen.ts';

const UI = path.resolve(import.meta.dirname, '../../../src/ui');

test('it draws on the alternate screen and gives the terminal back as it was', async () => {
  const { terminal, keyboard, screen } = open();
  screen.draw(['first', '', 'third']);
  await waitUntil(() => terminal.text().includes('third'), terminal.text);
  expect(terminal.text()).toBe('first\n\nthird\n');
  expect(keyboard.raw).toBe(true);
  await screen.close();
  const written = terminal.writes.join('');
  expect(written.indexOf('\u001B[?1049h')).toBeLessThan(written.indexOf('first'));
  expect(written.lastIndexOf('\u001B[?1049l')).toBeGreaterThan(written.indexOf('third'));
  expect(written.lastIndexOf('\u001B[?25h')).toBeGreaterThan(written.lastIndexOf('\u001B[?25l'));
  expect(written.lastIndexOf('\u001B[?2004l')).toBeGreaterThan(written.lastIndexOf('\u001B[?2004h'));
  expect(keyboard.raw).toBe(false);
});

test('keys come by their names, pasted text as one', async () => {
  const { keyboard, screen, keys, pasted } = open();
  await sleep(10);
  for (const typed of ['q', '\u001B[A', '\u0003', 'jj', '\r', '\u001B[Z']) {
    keyboard.write(typed);
    await sleep(10);
  }
  keyboard.write('\u001B[200~some\ntext\u001B[201~');
  await waitUntil(
    () => pasted.length > 0,
    () => keys.join(' '),
  );
  expect(keys).toEqual(['q', 'up', 'ctrl+c', 'j', 'j', 'enter', 'shift+tab']);
  expect(pasted).toEqual(['some\ntext']);
  await screen.close();
});

test('an unchanged frame is not written again, and a changed line alone', async () => {
  const { terminal, screen } = open();
  screen.draw(['one', 'two', 'three']);
  await waitUntil(() => terminal.text().includes('three'), terminal.text);
  await sleep(60);
  const before = terminal.writes.length;
  screen.draw(['one', 'two', 'three']);
  await sleep(80);
  expect(terminal.writes).toHaveLength(before);
  screen.draw(['one', 'TWO', 'three']);
  await waitUntil(() => terminal.text().includes('TWO'), terminal.text);
  const change = terminal.writes.slice(before).join('');
  expect(change).not.toContain('three');
  await screen.close();
});

test.each<Size>([
  { columns: 40, rows: 10 },
  { columns: 200, rows: 60 },
])('after a change of size to %o the frame is there once', async (size) => {
  const { terminal, screen, resized } = open();
  screen.draw(Array.from({ length: 23 }, (_, index) => `old ${index}`));
  await waitUntil(() => terminal.text().includes('old 22'), terminal.text);
  resized.push((now) => screen.draw(Array.from({ length: now.rows - 1 }, (_, index) => `new ${index}`)));
  terminal.resize(size.columns, size.rows);
  await waitUntil(() => terminal.text().includes(`new ${size.rows - 2}`), terminal.text);
  expect(terminal.text()).not.toContain('old 22');
  expect(terminal.text().match(/new 0$/gm)).toHaveLength(1);
  await screen.close();
});

test('while somebody else has the terminal nothing is drawn; then all of it', async () => {
  const { terminal, keyboard, screen } = open();
  screen.draw(['mine']);
  await waitUntil(() => terminal.text().includes('mine'), terminal.text);
  const before = terminal.writes.length;
  await screen.suspend(async () => {
    expect(keyboard.raw).toBe(false);
    terminal.write('theirs\n');
    screen.draw(['changed']);
    await sleep(60);
    expect(terminal.writes.slice(before).join('')).not.toContain('changed');
  });
  await waitUntil(() => terminal.writes.slice(before).join('').includes('changed'), terminal.text);
  expect(keyboard.raw).toBe(true);
  await screen.close();
});

test('only files that are loaded when they are needed import ink and React', () => {
  const files = readdirSync(UI, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const heavy = /^import (?!type )[^;]*from '(ink|react)';/m;
  const importing = files.filter((name) => heavy.test(readFileSync(path.join(UI, name), 'utf8')));
  expect(importing.toSorted()).toEqual(['liveRegion.ts', 'tui/inkScreen.ts']);
  const direct = /^import (?!type )[^;]*from '[^']*\/(liveRegion|inkScreen)\.ts';/m;
  expect(files.filter((name) => direct.test(readFileSync(path.join(UI, name), 'utf8')))).toEqual([]);
});

function open(): {
  terminal: FakeTerminal;
  keyboard: ReturnType<typeof createFakeKeyboard>;
  screen: Screen;
  keys: string[];
  pasted: string[];
  resized: ((size: Size) => void)[];
} {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const keyboard = createFakeKeyboard();
  const keys: string[] = [];
  const pasted: string[] = [];
  const resized: ((size: Size) => void)[] = [];
  const screen = openInkScreen({
    stdin: keyboard,
    stdout: terminal,
    onKey: (key) => keys.push(key),
    onPaste: (text) => pasted.push(text),
    onResize: (size) => resized.forEach((listener) => listener(size)),
  });
  return { terminal, keyboard, screen, keys, pasted, resized };
}
