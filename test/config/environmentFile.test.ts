import { expect, test } from 'vitest';
import { parseEnvironmentFile } from '../../src/config/environmentFile.ts';

function values(text: string): Record<string, string> {
  const { assignments, problems } = parseEnvironmentFile(text);
  expect(problems).toEqual([]);
  return Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
}

test.each([
  ['a byte-order mark and line ends of Windows', '\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }],
  ['export, blanks and an empty value', 'export A = 1\n  B=x y  \nC=', { A: '1', B: 'x y', C: '' }],
  ['a comment begins after a blank', 'A=a#b # not\nB=#\n# C=1', { A: 'a#b', B: '' }],
  ['escapes of double quotes', String.raw`A="a\tb\nc\"d\\e\x" # x`, { A: 'a\tb\nc"d\\e\\x' }],
  ['nothing is an escape in single quotes', String.raw`A='a\t # "b"'`, { A: String.raw`a\t # "b"` }],
  ['several lines', 'A="one\r\ntwo"\nB=1', { A: 'one\ntwo', B: '1' }],
  ['JSON without quotes', 'A={"a": "b # c"}\nB=[1] # two', { A: '{"a": "b # c"}', B: '[1]' }],
  ['a dollar is a dollar', 'A="user:pa$$word@h"', { A: 'user:pa$$word@h' }],
])('%s', (_what, text, expected) => {
  expect(values(text)).toEqual(expected);
});

test.each([
  ['no assignment\nB=2', ['1:1 This line is neither NAME=value nor a comment.']],
  ['A="x" y\nB=2', ['1:1 There is text behind the closing quote.']],
  ['A="x\nB=2', ['1:1 The quote that begins this value is never closed.']],
  [' A="x\nC="y"\nB=2', ['1:2 The quote that begins this value is not closed.']],
])('what is wrong in %j is named, and the other lines count', (text, expected) => {
  const { assignments, problems } = parseEnvironmentFile(text);
  expect(problems.map(({ line, column, what }) => `${line}:${column} ${what}`)).toEqual(expected);
  expect(assignments.at(-1)).toMatchObject({ name: 'B', value: '2' });
});
