import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/dagruns/events.ts';
import type { ProgressRenderer } from '../../src/ui/progressRenderer.ts';
import { createLiveRenderer } from '../../src/ui/liveRenderer.ts';
import { createStyle } from '../../src/ui/style.ts';
import { createFakeTerminal, type FakeTerminal } from './support/fakeTerminal.ts';
import { readRecording } from './support/recording.ts';
import { waitUntil } from './support/waitUntil.ts';

const EVENTS = readRecording('success');
const START = EVENTS.findIndex(({ event }) => event === 'run_started') + 1;

test('a run that is over soon never loads ink and leaves the table and the summary', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const renderer = create(terminal, {
    load: () => {
      throw new Error('ink was loaded');
    },
  });
  for (const event of EVENTS) renderer.run(event);
  await renderer.close();
  expect(terminal.text()).toMatchInlineSnapshot(`
    "extract | extracted 5 rows
    extract | warning: row 3 has no date
    choose | Branch into big
    choose | Following branch {'big'}
    choose | Skipping tasks [('small', -1)]
    double[4] | doubling 5
    double[0] | doubling 1
    double[3] | doubling 4
    double[2] | doubling 3
    double[1] | doubling 2

    ✓ success          extract    0.09 s
    ✓ success          double     0.58 s  [5/5] ✓5
    ✓ success          choose     0.05 s
    ✓ success          total      0.11 s
    ✓ success          big        0.04 s
    ○ skipped          small

    DAG run success  ui_good  manual__2026-11-20T14:22:31.608731+00:00  10 tasks (9 success, 1 skipped) in 0.98 s (overhead 0.67 s)
    returned by big: 'big'
    returned by total: 30
    "
  `);
});

test('a longer run has a live table, and leaves each log line and the table exactly once', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const renderer = create(terminal, { patienceMs: 0 });
  for (const event of EVENTS.slice(0, START + 4)) renderer.run(event);
  await waitUntil(() => terminal.text().includes('ui_good  0/6 tasks'), terminal.text);
  for (const event of EVENTS.slice(START + 4, -3)) renderer.run(event);
  await waitUntil(() => terminal.text().includes('ui_good  6/6 tasks'), terminal.text);
  for (const event of EVENTS.slice(-3)) renderer.run(event);
  const before = performance.now();
  await renderer.close();
  expect(performance.now() - before).toBeLessThan(30);
  const text = terminal.text();
  expect(text.match(/extract \| extracted 5 rows/g)).toHaveLength(1);
  expect(text.match(/success +extract/g)).toHaveLength(1);
  expect(text).not.toContain('6/6 tasks');
  expect(terminal.writes.join('')).toContain('\u001B[?25h');
});

test.each([4, 6, 10])(
  'on a screen of %i rows nothing is drawn twice and nothing is cleared',
  async (rows) => {
    const terminal = createFakeTerminal({ columns: 60, rows });
    const renderer = create(terminal, { patienceMs: 0 });
    for (const event of EVENTS.slice(0, START)) renderer.run(event);
    await waitUntil(() => terminal.text().includes('0/6 tasks'), terminal.text);
    for (let line = 0; line < 40; line += 1) {
      renderer.run(log(`line ${line}.`));
      if (line % 10 === 0) await waitUntil(() => terminal.text().includes(`line ${line}.`), terminal.text);
    }
    for (const event of EVENTS.slice(START)) renderer.run(event);
    await renderer.close();
    for (let line = 0; line < 40; line += 1) expect(terminal.text().split(`line ${line}.`)).toHaveLength(2);
    expect(terminal.text()).not.toContain('tasks  ');
  },
);

test('nothing is drawn when nothing has changed, and nothing ticks after the end', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  let now = 1000;
  const renderer = create(terminal, { patienceMs: 0, now: () => now });
  for (const event of EVENTS.slice(0, START)) renderer.run(event);
  await waitUntil(() => terminal.text().includes('0/6 tasks'), terminal.text);
  const frozen = terminal.writes.length;
  await ticks(4);
  expect(terminal.writes.slice(frozen)).toEqual([]);
  now += 700;
  await waitUntil(() => terminal.text().includes('0.7 s'), terminal.text);
  for (const event of EVENTS.slice(START)) renderer.run(event);
  now += 700;
  const ended = terminal.writes.length;
  await ticks(4);
  expect(terminal.writes.slice(ended)).toEqual([]);
  await renderer.close();
});

test('a screen that becomes small gets a smaller frame', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const renderer = create(terminal, { patienceMs: 0 });
  for (const event of EVENTS.slice(0, START)) renderer.run(event);
  await waitUntil(() => terminal.text().includes('0/6 tasks'), terminal.text);
  terminal.resize(40, 5);
  await waitUntil(() => terminal.text().includes('… 4 more'), terminal.text);
  await renderer.close();
});

test('a run that is cut off leaves its table and says how it ended', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const renderer = create(terminal, {});
  for (const event of EVENTS.slice(0, START + 4)) renderer.run(event);
  renderer.note('Stopping… press Ctrl+C again to force');
  renderer.run({ v: 1, t: 900, event: 'exit', code: 1, signal: 'SIGTERM' });
  await renderer.close();
  expect(terminal.text()).toContain('▸ running          extract');
  expect(terminal.text()).toContain('was ended by SIGTERM while running extract.');
});

test('a second run of the same command starts afresh', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  const renderer = create(terminal, { patienceMs: 0 });
  for (const event of EVENTS) renderer.run(event);
  for (const event of EVENTS.slice(0, START)) renderer.run(event);
  await waitUntil(() => terminal.text().includes('0/6 tasks'), terminal.text);
  for (const event of EVENTS.slice(START)) renderer.run(event);
  await renderer.close();
  expect(terminal.text().match(/DAG run success/g)).toHaveLength(2);
  expect(terminal.text().match(/success +extract/g)).toHaveLength(2);
});

test('ten thousand log lines do not hold up the run', async () => {
  const terminal = createFakeTerminal({ columns: 80, rows: 24 });
  terminal.write = () => true;
  const renderer = create(terminal, { patienceMs: 0 });
  for (const event of EVENTS.slice(0, START)) renderer.run(event);
  const before = performance.now();
  for (let line = 0; line < 10_000; line += 1) renderer.run(log(`line ${line}`));
  expect(performance.now() - before).toBeLessThan(1000);
  renderer.run({ v: 1, t: 900, event: 'exit', code: 0 });
});

function create(terminal: FakeTerminal, options: Partial<Parameters<typeof createLiveRenderer>[0]>) {
  const output = { stream: terminal, style: createStyle(false) };
  const progress: ProgressRenderer = {
    progress: () => undefined,
    hide: () => undefined,
    redirect: () => undefined,
    close: () => undefined,
  };
  return createLiveRenderer({
    out: output,
    err: output,
    verbose: false,
    now: Date.now,
    progress,
    ...options,
  });
}

/** Some turns of the renderer's own clock. */
async function ticks(count: number): Promise<void> {
  let seen = 0;
  const timer = setInterval(() => {
    seen += 1;
  }, 100);
  await waitUntil(
    () => seen >= count,
    () => `${seen} ticks`,
  );
  clearInterval(timer);
}

function log(text: string): RunEvent {
  return { v: 1, t: 430, event: 'log', level: 'output', text, task_id: 'extract', map_index: -1 };
}
