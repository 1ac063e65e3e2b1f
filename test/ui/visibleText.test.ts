import { expect, test } from 'vitest';
import { terminalText, visibleLine, visibleText } from '../../src/ui/visibleText.ts';

test.each([
  ['a command of the terminal', '\u001B]0;title\u0007', String.raw`\u001b]0;title\u0007`],
  ['its eight-bit form', '\u009B2J', String.raw`\u009b2J`],
  ['a carriage return', 'abc\rx', String.raw`abc\u000dx`],
  ['backspaces and delete', 'a\b\u007F', String.raw`a\u0008\u007f`],
  ['marks that turn the order of letters', 'a\u202Eb\u2066c\u2069', String.raw`a\u202eb\u2066c\u2069`],
  ['separators of lines', 'a\u2028b', String.raw`a\u2028b`],
])('%s is made visible', (_what, text, expected) => {
  expect(visibleText(text)).toBe(expected);
});

test.each(['plain', 'größer 表 🎉 é', 'first\n\tsecond', 'of Windows\r\n'])('%j stays as it is', (text) => {
  expect(visibleText(text)).toBe(text);
});

test('a name stays on its line', () => {
  expect(visibleLine('a\nb\tc')).toBe(String.raw`a\u000ab\u0009c`);
});

test('of what is painted colours stay, and nothing else', () => {
  expect(terminalText('\u001B[31mred\u001B[0m \u001B[2J\u202E')).toBe(
    `\u001B[31mred\u001B[0m ${String.raw`\u001b[2J\u202e`}`,
  );
});

test('JSON means the same afterwards', () => {
  const value = { name: '\u009B2J\u202E\u007F"\\' };
  expect(JSON.parse(terminalText(JSON.stringify(value)))).toEqual(value);
});
