/**
 * Text of a foreign origin (names of files, of variables, of projects, what a program printed) with what would command
 * the terminal made visible: control characters as `\x1b`, those that change the order of letters as `\u202e`. Line feeds
 * and tabs stay.
 */
export function visibleText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(COMMANDS, escaped);
}

/** The same for text that has to stay on its line. */
export function visibleLine(text: string): string {
  return PLAIN_LINE.test(text) ? text : visibleText(text).replace(/[\n\t]/g, escaped);
}

/* oxlint-disable no-control-regex -- control characters are what this file is about */
const PLAIN = /^[\n\t\u0020-\u007E]*$/;
const PLAIN_LINE = /^[\u0020-\u007E]*$/;
/** C0 but line feed and tab, DEL and C1; then the marks that reorder (bidirectional) text, and what separates lines. */
const COMMANDS =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (character === '\n') return String.raw`\n`;
  if (character === '\t') return String.raw`\t`;
  if (character === '\r') return String.raw`\r`;
  return point > 0xff ? `\\u${point.toString(16)}` : `\\x${point.toString(16).padStart(2, '0')}`;
}
