import { expect, test } from 'vitest';
import { formatDuration } from '../../src/ui/duration.ts';
import { createStyle, useColor } from '../../src/ui/style.ts';
import { cutColumns, padColumns, printableLines, textWidth } from '../../src/ui/textWidth.ts';

test.each([
  ['abc', 3],
  ['ünïcode', 7],
  ['日本語', 6],
  ['👍🏽 ok', 5],
  ['👩‍👩‍👧', 2],
  ['e\u0301', 1],
  ['\u001B[31mred\u001B[39m', 3],
  ['✓ ✗ ○ ⊘ ↻ ◇ ▸ …', 15],
])('%j takes %i columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns);
});

test('a cut never splits a wide character or a colour', () => {
  expect(cutColumns('日本語', 4)).toBe('日…');
  expect(cutColumns('abc', 3)).toBe('abc');
  expect(cutColumns('\u001B[31mabcdef\u001B[39m', 4)).toBe('\u001B[31mabc…\u001B[0m');
  expect(padColumns('日', 4)).toBe('日  ');
});

test('a program cannot move our cursor: only colours stay of its escape sequences', () => {
  expect(
    printableLines('10%\r50%\r100%\n\u001B[2K\u001B[31mred\u001B[0m\u0007 done\u001B]0;title\u0007\n', true),
  ).toEqual(['100%', '\u001B[31mred\u001B[0m done\u001B[0m']);
  expect(printableLines('\u001B[31mred\u001B[0m', false)).toEqual(['red']);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('with %j and a terminal %j colour is %j', (env, isTTY, expected) => {
  expect(useColor({ isTTY }, env)).toBe(expected);
});

test('paints nothing without colour', () => {
  expect(createStyle(false).red('x')).toBe('x');
  expect(createStyle(true).red('x')).toBe('\u001B[31mx\u001B[39m');
});

test.each([
  [0, '0.00 s'],
  [43, '0.04 s'],
  [9994, '9.99 s'],
  [12_345, '12.3 s'],
  [59_999, '1 min 00 s'],
  [3_723_000, '1 h 02 min'],
])('%i ms read %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
