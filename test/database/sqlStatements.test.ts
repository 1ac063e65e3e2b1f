import { expect, test } from 'vitest';
import { isBlank, splitStatements } from '../../src/database/sqlStatements.ts';

test.for<[text: string, statements: string[], rest: string]>([
  ['select 1; select 2;', ['select 1', 'select 2'], ''],
  ['select 1', [], 'select 1'],
  ['select \';\' as "a;b"; x', ['select \';\' as "a;b"'], ' x'],
  ["select 'it''s;'; y", ["select 'it''s;'"], ' y'],
  [String.raw`select E'a\';'; z`, [String.raw`select E'a\';'`], ' z'],
  ['do $$ begin; end $$; a', ['do $$ begin; end $$'], ' a'],
  ['select $t$ ; $$ ; $t$; b', ['select $t$ ; $$ ; $t$'], ' b'],
  ['-- one; two\nselect 1; c', ['-- one; two\nselect 1'], ' c'],
  ['/* ; /* ; */ ; */ select 1; d', ['/* ; /* ; */ ; */ select 1'], ' d'],
  ['select a$b$c; e', ['select a$b$c'], ' e'],
  [';; -- nothing\n;select 1;', ['select 1'], ''],
  ["select 'open; ", [], "select 'open; "],
  ['select $$open; ', [], 'select $$open; '],
  ['/* open; ', [], '/* open; '],
])('%j', ([text, statements, rest]) => {
  expect(splitStatements(text)).toEqual({ statements, rest });
});

test('blanks and comments are nothing to run', () => {
  expect(isBlank(' \n-- hello\n/* there */ ')).toBe(true);
  expect(isBlank('-- hello\nselect 1')).toBe(false);
});
