import { terminalText } from './visibleText.ts';

/* oxlint-disable no-control-regex -- escape sequences are what this file is about */
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g;
const SGR = /^\u001B\[[\d;:]*m$/;
const CONTROLS = /[\u0000-\u0008\u000B-\u001A\u001C-\u001F\u007F-\u009F]/g;
const PLAIN_ASCII = /^[\u0020-\u007E]*$/;
const ZERO_WIDTH = /^[\p{Mark}\p{Format}\p{Control}]+$/u;
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;

let segmenter: Intl.Segmenter | undefined;

/** Columns a text takes on a terminal. Colours take none; East Asian wide characters and emoji take two. */
export function textWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text.replace(ESCAPES, ''))) width += graphemeWidth(grapheme);
  return width;
}

/** The text filled up with spaces to a number of columns. A longer text stays as it is. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

/** The text cut to a number of columns, with an ellipsis in the last one. Colours before the cut stay. */
export function cutColumns(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let width = 0;
  let cut = '';
  let painted = false;
  for (const part of text.split(/(\u001B\[[\d;:]*m)/)) {
    if (SGR.test(part)) {
      cut += part;
      painted = true;
      continue;
    }
    for (const grapheme of graphemes(part)) {
      width += graphemeWidth(grapheme);
      if (width > columns - 1) return painted ? `${cut}…\u001B[0m` : `${cut}…`;
      cut += grapheme;
    }
  }
  return cut;
}

/** The text in rows of at most that many columns. Colours go on in the next row. */
export function wrapColumns(text: string, columns: number): string[] {
  if (columns <= 0 || textWidth(text) <= columns) return [text];
  const rows: string[] = [];
  let [row, width, paint] = ['', 0, ''];
  for (const part of text.split(/(\u001B\[[\d;:]*m)/)) {
    if (SGR.test(part)) {
      row += part;
      paint = /^\u001B\[0*m$/.test(part) ? '' : paint + part;
      continue;
    }
    for (const grapheme of graphemes(part)) {
      const next = graphemeWidth(grapheme);
      if (width + next > columns && width > 0) {
        rows.push(paint === '' ? row : `${row}\u001B[0m`);
        [row, width] = [paint, 0];
      }
      row += grapheme;
      width += next;
    }
  }
  return [...rows, row];
}

/** Without colours and other escape sequences. */
export function withoutColour(text: string): string {
  return text.includes('\u001B') ? text.replace(ESCAPES, '') : text;
}

/**
 * Splits what a program wrote into lines that cannot move the cursor: a progress bar's line is what it
 * last showed, and of the escape sequences only colours stay, where colours are wanted.
 */
export function printableLines(text: string, color: boolean): string[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => printableLine(line, color));
}

function printableLine(line: string, color: boolean): string {
  if (PLAIN_ASCII.test(line)) return line;
  const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  let painted = false;
  const kept = shown.replace(ESCAPES, (sequence) => {
    if (!color || !SGR.test(sequence)) return '';
    painted = true;
    return sequence;
  });
  const clean = terminalText(kept.replace(CONTROLS, '').replace(/\u001B(?!\[[\d;:]*m)/g, ''));
  return painted ? `${clean}\u001B[0m` : clean;
}

function* graphemes(text: string): Generator<string> {
  if (PLAIN_ASCII.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function graphemeWidth(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  return isWide(grapheme.codePointAt(0) ?? 0) ? 2 : 1;
}

/** East Asian Width W and F, by block: what terminals agree on. */
function isWide(point: number): boolean {
  return (
    (point >= 0x11_00 && point <= 0x11_5f) ||
    (point >= 0x2e_80 && point <= 0x30_3e) ||
    (point >= 0x30_41 && point <= 0xa4_cf) ||
    (point >= 0xa9_60 && point <= 0xa9_7f) ||
    (point >= 0xac_00 && point <= 0xd7_a3) ||
    (point >= 0xf9_00 && point <= 0xfa_ff) ||
    (point >= 0xfe_30 && point <= 0xfe_6f) ||
    (point >= 0xff_00 && point <= 0xff_60) ||
    (point >= 0xff_e0 && point <= 0xff_e6) ||
    (point >= 0x2_00_00 && point <= 0x3_ff_fd)
  );
}
