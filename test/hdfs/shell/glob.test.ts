import { expect, test } from 'vitest';
import { globExpression, hasWildcard, literalName, splitAlternatives } from '../../../src/hdfs/shell/glob.ts';

test.each([
  ['*.csv', 'a.csv', true],
  ['*.csv', 'a.csvx', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['[!a]x', 'bx', true],
  ['{one,two}*', 'twofold', true],
  ['{one,two}*', 'three', false],
  ['{a,b{c,d}}', 'bd', true],
  [String.raw`\*`, '*', true],
  [String.raw`\*`, 'x', false],
  ['a.b', 'axb', false],
  ['day=*', 'day=2026-01-31', true],
  ['(x)+$', '(x)+$', true],
  ['[open', 'x', false],
])('%s and %s: %s', (pattern, name, matches) => {
  expect(globExpression(pattern).test(name)).toBe(matches);
});

test('a name with its wildcards behind backslashes is a plain name', () => {
  expect(hasWildcard(String.raw`a\*b`)).toBe(false);
  expect(literalName(String.raw`a\*b`)).toBe('a*b');
  expect(hasWildcard('a*b')).toBe(true);
});

test('alternatives that hold a slash are patterns of their own', () => {
  expect(splitAlternatives('/x/{a/b,c}/d*')).toEqual(['/x/a/b/d*', '/x/c/d*']);
  expect(splitAlternatives('/x/{a,c}/d')).toEqual(['/x/{a,c}/d']);
});
