import { expect, test } from 'vitest';
import { structuredLogLines } from '../../../src/airflow/restApi/structuredLog.ts';

const TIME = '2026-11-21T11:29:25.583230Z';

test('what a task printed stands as it printed it', () => {
  expect(
    linesOf(
      { timestamp: null, event: 'hello' },
      { timestamp: TIME, event: 'there', level: 'info', logger: 'task.stdout' },
    ),
  ).toEqual(['hello', 'there']);
});

test("a logger's line has time and level in front", () => {
  expect(linesOf({ timestamp: TIME, event: 'watch\nout', level: 'warning', logger: 'my.logger' })).toEqual([
    `${TIME} WARNING - watch`,
    'out',
  ]);
});

test('an exception and its cause are in the order in which Python prints them', () => {
  const frame = { filename: '/dags/fails.py', lineno: 17, name: 'breaks' };
  const failed = {
    timestamp: TIME,
    level: 'error',
    event: 'Task failed with exception',
    logger: 'task',
    error_detail: [
      {
        exc_type: 'ValueError',
        exc_value: 'no such thing',
        exc_notes: ['a note'],
        is_cause: false,
        frames: [frame],
      },
      { exc_type: 'KeyError', exc_value: "'missing'", exc_notes: [], is_cause: true, frames: [frame] },
    ],
  };
  expect(linesOf(failed)).toEqual([
    `${TIME} ERROR - Task failed with exception`,
    'Traceback (most recent call last):',
    '  File "/dags/fails.py", line 17, in breaks',
    "KeyError: 'missing'",
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    'Traceback (most recent call last):',
    '  File "/dags/fails.py", line 17, in breaks',
    'ValueError: no such thing',
    'a note',
  ]);
});

test('a line that is cut off, or no record at all, is shown as it is', () => {
  expect(structuredLogLines('{"event": "whole"}\n{"event": "ha')).toEqual(['whole', '{"event": "ha']);
  expect(structuredLogLines('')).toEqual([]);
});

function linesOf(...records: object[]): readonly string[] {
  return structuredLogLines(records.map((each) => `${JSON.stringify(each)}\n`).join(''));
}
