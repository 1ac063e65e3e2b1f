import { expect, test } from 'vitest';
import { createStyle } from '../../../src/ui/style.ts';
import { compactLine } from '../../../src/ui/tui/views/compactLine.ts';

test.each([
  [
    '2026-11-21T12:22:18.196967Z [info     ] Loaded executor: :Local:   [airflow.jobs.Runner] loc=runner.py:76',
    '12:22:18 Loaded executor: :Local:',
  ],
  ['2026-11-21 12:22:29.861712+00:00 [info     ] ::endgroup::        [task]', '12:22:29 ::endgroup::'],
  ['2026-11-21T12:22:18Z [warning  ] Careful [x.y]', '12:22:18 warning: Careful'],
  ['2026-11-21T12:22:18Z [error    ] Task [a] failed', '12:22:18 error: Task [a] failed'],
  ['2026-11-21T12:03:06.192633Z [info     ] ', '12:03:06 '],
  ['[2026-11-21T12:22:18.196+0000] {dag.py:12} INFO - Sync 3 DAGs', '12:22:18 Sync 3 DAGs'],
  ['[2026-11-21T12:22:18.196+0000] {dag.py:12} ERROR - No', '12:22:18 error: No'],
  ['2026-11-21T12:22:28.645091Z INFO - ::group::Pre Execute', '12:22:28 ::group::Pre Execute'],
  ['Traceback (most recent call last):', 'Traceback (most recent call last):'],
  ['', ''],
])('%s', (line, compact) => {
  expect(compactLine(line, createStyle(false))).toBe(compact);
});

test('a long line of something else costs nothing', () => {
  const line = `2026-11-21T12:22:18Z [info] ${'a [b '.repeat(800)}`;
  const before = performance.now();
  for (let count = 0; count < 20; count += 1) compactLine(line, createStyle(false));
  expect(performance.now() - before).toBeLessThan(200);
});
