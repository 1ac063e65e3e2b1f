import { expect, test } from 'vitest';
import { timeOfLine } from '../../src/stack/logTime.ts';

const TIME = Date.parse('2026-11-21T11:50:26.344Z');

test.for([
  ['Airflow 3', '2026-11-21T11:50:26.344142Z [info     ] Loaded executor'],
  ['Airflow 2', '[2026-11-21T11:50:26.344+0000] {plugins.py:37} INFO - setup plugin'],
  ['a task of Airflow 2', '[2026-11-21 11:50:26,344] {taskinstance.py:3158} INFO - Exporting'],
  ['Postgres', '2026-11-21 11:50:26.344 UTC [6484] LOG:  database system is ready'],
  ['another zone', '2026-11-21T13:50:26.344+02:00 hello'],
])('%s says when', ([, line = '']) => {
  expect(timeOfLine(line)).toBe(TIME);
});

test('gunicorn says it to the second', () => {
  expect(timeOfLine('[2026-11-21 11:50:26 +0000] [123] [INFO] Listening')).toBe(
    Date.parse('2026-11-21T11:50:26Z'),
  );
});

test('other lines say nothing', () => {
  expect(timeOfLine('  File "/dags/orders.py", line 3')).toBeUndefined();
  expect(timeOfLine('2026-99-99 99:99:99 nonsense')).toBeUndefined();
});
