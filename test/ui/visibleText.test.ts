import { expect, test } from 'vitest';
import { visibleLine, visibleText } from '../../src/ui/visibleText.ts';

test.each([
  ['a command of the terminal', '\u001B]0;title\u0007', String.raw`\x1b]0;title\x07`],
  ['its eight-bit form', '\u009B2J', String.raw`\x9b2J`],
  ['a carriage return', 'abc\rx', String.raw`abc\rx`],
  ['backspaces and delete', 'a\b\u007F', String.raw`a\x08\x7f`],
  ['marks that turn the order of letters', 'a\u202Eb\u2066c\u2069', String.raw`a\u202eb\u2066c\u2069`],
  ['separators of lines', 'a\u2028b', String.raw`a\u2028b`],
])('%s is made visible', (_what, text, expected) => {
  expect(visibleText(text)).toBe(expected);
});

test.each(['plain', 'größer 表 🎉 é', 'first\n\tsecond'])('%j stays as it is', (text) => {
  expect(visibleText(text)).toBe(text);
});

test('a name stays on its line', () => {
  expect(visibleLine('a\nb\tc')).toBe(String.raw`a\nb\tc`);
});
