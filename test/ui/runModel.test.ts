import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/dagruns/events.ts';
import { liveFrame } from '../../src/ui/liveFrame.ts';
import { EMPTY_RUN, reduce, type RunModel } from '../../src/ui/runModel.ts';
import { createStyle } from '../../src/ui/style.ts';
import { nameColumns, paintRows, taskRows } from '../../src/ui/taskRows.ts';
import { textWidth } from '../../src/ui/textWidth.ts';
import { readRecording } from './support/recording.ts';

const PLAIN = createStyle(false);
const SUCCESS = readRecording('success');

test('a run that was recorded becomes rows in the order of the outline', () => {
  expect(table(SUCCESS.reduce(reduce, EMPTY_RUN), 9999)).toMatchInlineSnapshot(`
    "✓ success          extract    0.09 s
    ✓ success          double     0.58 s  [5/5] ✓5
    ✓ success          choose     0.05 s
    ✓ success          total      0.11 s
    ✓ success          big        0.04 s
    ○ skipped          small"
  `);
});

test('a mapped task is one row that counts its instances', () => {
  const run = readRecording('failure').reduce(reduce, EMPTY_RUN);
  expect(table(run, 9999)).toMatchInlineSnapshot(`
    "✓ success          extract    0.09 s
    ✗ failed           double     0.16 s  [3/3] ✓2 ✗1
    ⊘ upstream_failed  load
    ✓ success          clean      0.04 s"
  `);
});

test('a mapped task without a result yet is running as long as an instance is', () => {
  const run = play([
    outline(['double'], true),
    { v: 1, t: 5, event: 'task_state', task_id: 'double', map_index: 0, try_number: 1, state: 'scheduled' },
    { v: 1, t: 5, event: 'task_state', task_id: 'double', map_index: 1, try_number: 1, state: 'scheduled' },
    { v: 1, t: 10, event: 'task_started', task_id: 'double', map_index: 1, try_number: 1 },
  ]);
  expect(taskRows(run, 1010)).toEqual([
    {
      name: 'double',
      state: 'running',
      mapped: { done: 0, total: 2, counts: [] },
      time: { milliseconds: 1000, ticking: true },
    },
  ]);
});

test('a retry forgets the error and the duration of the try before', () => {
  const error = { type: 'ValueError', message: 'boom', traceback: [] };
  const key = { task_id: 'a', map_index: -1 };
  const run = play([
    outline(['a']),
    { v: 1, t: 1, event: 'task_started', ...key, try_number: 1 },
    {
      v: 1,
      t: 2,
      event: 'task_finished',
      ...key,
      try_number: 1,
      state: 'up_for_retry',
      duration_ms: 1,
      error,
    },
    { v: 1, t: 3, event: 'task_started', ...key, try_number: 2 },
  ]);
  expect(run.tasks.get('a')?.instances.get(-1)).toEqual({
    taskId: 'a',
    mapIndex: -1,
    state: 'running',
    tryNumber: 2,
    startedAt: 3,
  });
});

test('the same state again is the same model', () => {
  const state = { v: 1, t: 1, event: 'task_state', task_id: 'a', map_index: -1, try_number: 0 } as const;
  const run = play([outline(['a']), { ...state, state: 'skipped' }]);
  expect(reduce(run, { ...state, t: 2, state: 'skipped' })).toBe(run);
});

test('the states of run_finished are the last word', () => {
  const finished = SUCCESS.find((event) => event.event === 'run_finished');
  const run = play([
    ...SUCCESS.filter(({ event }) => event === 'run_started'),
    ...(finished ? [finished] : []),
  ]);
  expect(taskRows(run, 0).map((row) => `${row.name} ${row.state}`)).toMatchInlineSnapshot(`
    [
      "extract success",
      "double success",
      "choose success",
      "total success",
      "big success",
      "small skipped",
    ]
  `);
});

test.each([2, 3, 5, 12, 40])(
  'a frame of 30 tasks is lower than a screen of %i rows and never wider',
  (rows) => {
    const names = Array.from({ length: 30 }, (_, index) => `task_${index}_日本語_${'x'.repeat(index * 3)}`);
    const run = play([
      outline(names),
      ...names.slice(0, 17).map(finishedTask),
      { v: 1, t: 20, event: 'task_started', task_id: names[17] ?? '', map_index: -1, try_number: 1 },
    ]);
    const frame = liveFrame(run, 5000, { columns: 50, rows }, PLAIN);
    expect(frame.length).toBeLessThan(rows);
    expect(Math.max(...frame.map(textWidth))).toBeLessThanOrEqual(50);
  },
);

test('a frame that is too small for all tasks keeps the running one in sight and counts the others', () => {
  const names = Array.from({ length: 30 }, (_, index) => `task_${index}`);
  const run = play([
    outline(names),
    ...names.slice(0, 17).map(finishedTask),
    { v: 1, t: 20, event: 'task_started', task_id: 'task_17', map_index: -1, try_number: 1 },
  ]);
  expect(liveFrame(run, 5000, { columns: 50, rows: 8 }, PLAIN).join('\n')).toMatchInlineSnapshot(`
    "✓ success          task_16    0.01 s
    ▸ running          task_17     5.0 s
    · waiting          task_18
    · waiting          task_19
    · waiting          task_20
    … 25 more ✓16 ·9
    ⠋ demo  17/30 tasks  5.0 s"
  `);
});

test('of thousands of tasks those that run and those that have failed are in sight', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `task_${index}`);
  const failed = names[40] ?? '';
  const run = play([
    outline(names),
    { ...finishedTask(failed), state: 'failed' } as RunEvent,
    { v: 1, t: 20, event: 'task_started', task_id: names[2500] ?? '', map_index: -1, try_number: 1 },
  ]);
  const frame = liveFrame(run, 5000, { columns: 50, rows: 8 }, PLAIN).join('\n');
  expect(frame).toContain('✗ failed           task_40');
  expect(frame).toContain('▸ running          task_2500');
  expect(frame).toContain('… 2995 more');
});

function table(run: RunModel, clock: number): string {
  const rows = taskRows(run, clock);
  return paintRows(rows, nameColumns(rows), PLAIN, 80).join('\n');
}

function play(events: readonly RunEvent[]): RunModel {
  return events.reduce(reduce, EMPTY_RUN);
}

function outline(names: readonly string[], mapped = false): RunEvent {
  const tasks = names.map((task_id) => ({ task_id, operator: '@task', is_mapped: mapped }));
  return { v: 1, t: 0, event: 'run_started', dag_id: 'demo', run_id: 'r', logical_date: '', tasks };
}

function finishedTask(task_id: string): RunEvent {
  return {
    v: 1,
    t: 2,
    event: 'task_finished',
    task_id,
    map_index: -1,
    try_number: 1,
    state: 'success',
    duration_ms: 12,
  };
}
