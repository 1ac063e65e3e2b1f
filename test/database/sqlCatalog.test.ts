import { expect, test } from 'vitest';
import { promptCommand } from '../../src/database/sqlCatalog.ts';

test.for<[line: string, kind: string]>([
  ['\\q', 'quit'],
  ['\\?', 'help'],
  ['\\dt', 'statement'],
  ['\\d dag_run', 'statement'],
  ['\\d dag_run;', 'statement'],
  ['\\copy x', 'unknown'],
])('%s', ([line, kind]) => {
  expect(promptCommand(line).kind).toBe(kind);
});

test('a name with an apostrophe stays a name', () => {
  expect(promptCommand("\\d it's")).toMatchObject({ sql: expect.stringContaining("'it''s'::regclass") });
});
