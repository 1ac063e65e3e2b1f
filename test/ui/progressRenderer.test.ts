import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StepEvent } from '../../src/events.ts';
import { createProgressRenderer } from '../../src/ui/progressRenderer.ts';
import { createStyle } from '../../src/ui/style.ts';
import { createFakeTerminal } from './support/fakeTerminal.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('on a terminal a step is one line that is redrawn, and one line when it is done', () => {
  const { terminal, renderer } = create(true);
  renderer.progress(step('working', { current: 3, total: 12 }));
  vi.advanceTimersByTime(1200);
  expect(terminal.text()).toMatch(/^\S Installing Airflow 3\.3\.2 3\/12 {2}1\.2 s$/);
  vi.advanceTimersByTime(2000);
  renderer.progress(step('done'));
  renderer.close();
  expect(terminal.text()).toBe('✓ Installing Airflow 3.3.2 (3.20 s)\n');
  expect(vi.getTimerCount()).toBe(0);
});

test('on a terminal a step that took no time leaves no trace', () => {
  const { terminal, renderer } = create(true);
  renderer.progress(step('working'));
  renderer.progress(step('done'));
  renderer.close();
  expect(terminal.writes).toEqual([]);
});

test('elsewhere a step is a line at its start and one at its end', () => {
  const { terminal, renderer } = create(false);
  renderer.progress(step('working'));
  renderer.progress(step('working', { current: 3, total: 12 }));
  vi.advanceTimersByTime(3200);
  renderer.progress(step('failed', { detail: 'no network' }));
  renderer.progress({ type: 'message', level: 'warning', text: 'careful' });
  expect(terminal.text()).toBe(
    '… Installing Airflow 3.3.2\n✗ Installing Airflow 3.3.2 failed: no network (3.20 s)\nwarning: careful\n',
  );
});

test('of two steps at once the last is shown and the other one counted', () => {
  const { terminal, renderer } = create(true);
  renderer.progress(step('working'));
  renderer.progress({ ...step('working'), id: 'postgres', text: 'Starting Postgres' });
  vi.advanceTimersByTime(200);
  expect(terminal.text()).toContain('Starting Postgres (and 1 more)');
});

test('a step is never wider than the terminal', () => {
  const { terminal, renderer } = create(true, 20);
  renderer.progress(step('working', { detail: 'x'.repeat(100) }));
  vi.advanceTimersByTime(200);
  expect(terminal.text()).toMatch(/^.{1,19}$/u);
});

function create(interactive: boolean, columns = 80) {
  const terminal = createFakeTerminal({ columns, rows: 24 });
  const renderer = createProgressRenderer({
    write: (text) => void terminal.write(text),
    interactive,
    columns: () => terminal.columns,
    style: createStyle(false),
    now: Date.now,
  });
  return { terminal, renderer };
}

function step(state: StepEvent['state'], more: Partial<StepEvent> = {}): StepEvent {
  return { type: 'step', id: 'airflow', text: 'Installing Airflow 3.3.2', state, ...more };
}
