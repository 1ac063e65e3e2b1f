/**
 * Text of a foreign origin (names of files, of variables, of projects, what a program printed) with what would command
 * the terminal made visible: control characters and those that change the order of letters, as `\u001b`, which means the
 * same in JSON. Line feeds and tabs stay.
 */
export function visibleText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(COMMANDS, escaped);
}

/** The same for text that has to stay on its line. */
export function visibleLine(text: string): string {
  return PLAIN_LINE.test(text) ? text : visibleText(text).replace(/[\n\t]/g, escaped);
}

/** The same for text that is painted: colours stay. The last step of everything that `ui/` writes. */
export function terminalText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : visibleText(part)))
    .join('');
}

/* oxlint-disable no-control-regex -- control characters are what this file is about */
const PLAIN = /^[\n\t\u0020-\u007E]*$/;
const PLAIN_LINE = /^[\u0020-\u007E]*$/;
const COLOUR = /(\u001B\[[\d;:]*m)/;
/**
 * C0 but line feed and tab, and but the carriage return of Windows' line ends, DEL and C1; then the marks that reorder
 * (bidirectional) text, and what separates lines.
 */
const COMMANDS =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]|\r(?!\n)/g;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
