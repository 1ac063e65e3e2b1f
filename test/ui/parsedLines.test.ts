import { expect, test } from 'vitest';
import { parsedLines } from '../../src/ui/parsedLines.ts';

const REPORT = {
  file: '/repo/dags/a.py',
  dagIds: ['a', 'b'],
  importErrors: [],
  changed: true,
  milliseconds: 12,
};

test('a file names its DAGs', () => {
  expect(parsedLines(REPORT, '/repo')).toEqual(['✓ dags/a.py: a, b (0.01 s)']);
  expect(parsedLines({ ...REPORT, dagIds: [] }, '/repo')).toEqual(['✓ dags/a.py: no DAG (0.01 s)']);
});

test('an import error names file and line, and keeps the rest of its message', () => {
  const importErrors = [
    { file: '/repo/shared/x.py', line: 3, message: 'ModuleNotFoundError: No module named y\nadvice' },
    { file: '/repo/dags/a.py', message: 'SyntaxError' },
  ];
  expect(parsedLines({ ...REPORT, importErrors }, '/repo')).toEqual([
    '✗ shared/x.py:3: ModuleNotFoundError: No module named y',
    '    advice',
    '✗ dags/a.py: SyntaxError',
  ]);
});
