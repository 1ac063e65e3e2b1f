import { expect, test } from 'vitest';
import { sqlTable, writeSqlResult, type SqlTable } from '../../src/ui/sqlOutput.ts';
import { createStyle } from '../../src/ui/style.ts';

const RESULT: SqlTable = {
  command: 'SELECT',
  rowCount: 2,
  columns: [
    { name: 'name', kind: 'text' },
    { name: 'n', kind: 'number' },
    { name: 'n', kind: 'number' },
    { name: 'is', kind: 'boolean' },
    { name: 'extra', kind: 'json' },
  ],
  rows: [
    ['größe', '7', '9007199254740993', 't', '{"a": [1]}'],
    ['two\nlines', null, '1.50', 'f', null],
  ],
};

test('columns are aligned, numbers at the right, values of several lines stay in their column', () => {
  expect(sqlTable(RESULT, createStyle(false))).toEqual([
    ' name  | n | n                | is | extra',
    '-------+---+------------------+----+------------',
    ' größe | 7 | 9007199254740993 | t  | {"a": [1]}',
    ' two   |   |             1.50 | f  |',
    ' lines |   |                  |    |',
    '(2 rows)',
    '',
  ]);
});

test('a statement without rows is told by its name', () => {
  expect(sqlTable({ command: 'UPDATE', rowCount: 3, columns: [], rows: [] }, createStyle(false))).toEqual([
    'UPDATE 3',
  ]);
});

test('as JSON values have their types, numbers that would be rounded stay text, no column is lost', () => {
  let text = '';
  writeSqlResult({ write: (chunk: string) => Boolean((text += chunk)) }, RESULT, {
    json: true,
    style: createStyle(false),
  });
  expect(JSON.parse(text)).toEqual({
    v: 1,
    command: 'SELECT',
    row_count: 2,
    rows: [
      { name: 'größe', n: 7, n_2: '9007199254740993', is: true, extra: { a: [1] } },
      { name: 'two\nlines', n: null, n_2: '1.50', is: false, extra: null },
    ],
  });
});
