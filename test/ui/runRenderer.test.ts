import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/dagruns/events.ts';
import { DevenvError } from '../../src/errors.ts';
import { createRunRenderer, type RenderMode } from '../../src/ui/runRenderer.ts';
import { createFakeTerminal } from './support/fakeTerminal.ts';
import { readRecording } from './support/recording.ts';

test('plain: log lines with their task, one line for the end of each task, one summary', async () => {
  const { out, err } = await play('plain', readRecording('success'));
  expect(out).toMatchInlineSnapshot(`
    "extract | extracted 5 rows
    extract | warning: row 3 has no date
    ✓ success          extract       0.09 s
    choose | Branch into big
    choose | Following branch {'big'}
    choose | Skipping tasks [('small', -1)]
    ✓ success          choose        0.05 s
    ○ skipped          small
    double[4] | doubling 5
    ✓ success          double[4]     0.10 s
    double[0] | doubling 1
    ✓ success          double[0]     0.10 s
    ✓ success          big           0.04 s
    double[3] | doubling 4
    ✓ success          double[3]     0.12 s
    double[2] | doubling 3
    ✓ success          double[2]     0.12 s
    double[1] | doubling 2
    ✓ success          double[1]     0.10 s
    ✓ success          total         0.11 s

    DAG run success  ui_good  manual__2026-11-20T14:22:31.608731+00:00  10 tasks (9 success, 1 skipped) in 0.98 s (overhead 0.67 s)
    returned by big: 'big'
    returned by total: 30
    "
  `);
  expect(err).toBe('');
});

test('plain: a failure is told after the lines, with the traceback from the author on', async () => {
  const { out } = await play('plain', readRecording('failure'));
  expect(out.slice(out.indexOf('\n\n'))).toMatchInlineSnapshot(`
    "

    ✗ task double[1] failed: ValueError: boom: row 2 is not a number ünïcode 日本
      /project/dags/bad.py:10
        File "/project/dags/bad.py", line 16, in double
          return parse(x)
                 ^^^^^^^^
        File "/project/dags/bad.py", line 10, in parse
          if row == 2: raise ValueError("boom: row 2 is not a number ünïcode 日本")
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    DAG run success  ui_bad  manual__2026-11-20T14:22:35.995075+00:00  6 tasks (4 success, 1 failed, 1 upstream_failed) in 1.42 s (overhead 1.41 s)
    warning: failed, but the DAG run is a success by its leaf tasks: double
    "
  `);
});

test('plain: the end of a log is repeated only when it is out of sight', async () => {
  const events = readRecording('failure');
  const noise = Array.from({ length: 40 }, (_, index): RunEvent => log(`noise ${index}`, 'clean'));
  const { out } = await play('plain', [...events.slice(0, -2), ...noise, ...events.slice(-2)]);
  expect(out).toContain('  end of its log:\n  error: about to parse 2\n  parsing 2\n');
  expect((await play('plain', events)).out).not.toContain('end of its log');
});

test('plain: an error of the run goes to stderr, and what Airflow says about it is left out', async () => {
  const { out, err } = await play('plain', readRecording('import-error'));
  expect(out).toBe('');
  expect(err).toContain("error: /project/dags/broken.py:1 can't be imported.");
});

test('plain: debug lines and chatter come only when asked for', async () => {
  const events = [log('details', 'a', 'debug'), ...readRecording('success')];
  const verbose = await play('plain', events, { verbose: true });
  expect(verbose.out).toMatch(/a \| details/);
  expect(verbose.out).toMatch(/extract \| Done. Returned value was: \[1, 2, 3, 4, 5\]/);
  expect((await play('plain', events)).out).not.toMatch(/details|Done. Returned/);
});

test('plain: the signal that ended the process is named, with the task it hit', async () => {
  const events = readRecording('success').slice(0, 8);
  const { err } = await play('plain', [
    ...events,
    { v: 1, t: 900, event: 'exit', code: 1, signal: 'SIGKILL' },
  ]);
  expect(err).toBe(
    "error: The DAG run's process was ended by SIGKILL while running extract.\n  The kernel does that when memory runs out.\n",
  );
});

test('plain: no escape sequence reaches a pipe, unless it is asked for', async () => {
  expect((await play('auto', [log('\u001B[31mred', 'a')])).out).toBe('a | red\n');
  const forced = await play('auto', [log('x', 'a', 'error')], { env: { FORCE_COLOR: '1' } });
  expect(forced.raw).toContain('\u001B[31m');
});

test('json: every event unchanged on a line, progress and errors in the same manner', async () => {
  const events = readRecording('success');
  const { out } = await play('json', events, {
    error: new DevenvError({ code: 'broken', what: 'It broke.', next: ['Repair it.'] }),
  });
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines.slice(0, -1)).toEqual(events);
  expect(lines.at(-1)).toEqual({
    v: 1,
    event: 'error',
    code: 'broken',
    what: 'It broke.',
    next: ['Repair it.'],
    misuse: false,
  });
});

test('quiet: only the result, and on stderr why tasks failed', async () => {
  const good = await play('quiet', readRecording('success'));
  expect(good.err).toBe('');
  expect(good.out).toMatchInlineSnapshot(`
    "DAG run success  ui_good  manual__2026-11-20T14:22:31.608731+00:00  10 tasks (9 success, 1 skipped) in 0.98 s (overhead 0.67 s)
    returned by big: 'big'
    returned by total: 30
    "
  `);
  const bad = await play('quiet', readRecording('failure'));
  expect(bad.err).toMatch(/task double\[1\] failed: ValueError: boom/);
  expect(bad.err).toMatch(/parsing 2/);
});

interface Extra {
  readonly verbose?: boolean;
  readonly env?: Record<string, string>;
  readonly error?: DevenvError;
}

async function play(mode: RenderMode, events: readonly RunEvent[], extra: Extra = {}) {
  const stdout = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  const stderr = createFakeTerminal({ columns: 80, rows: 24, isTTY: false });
  const { verbose = false, env = {}, error } = extra;
  const renderer = await createRunRenderer({ mode, stdout, stderr, env, verbose, now: Date.now });
  for (const event of events) renderer.run(event);
  if (error !== undefined) renderer.error(error);
  await renderer.close();
  return { out: stdout.text(), err: stderr.text(), raw: stdout.writes.join('') };
}

function log(text: string, task_id: string, level = 'output'): RunEvent {
  return { v: 1, t: 800, event: 'log', level, text, task_id, map_index: -1 };
}
