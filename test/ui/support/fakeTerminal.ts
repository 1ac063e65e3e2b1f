import { EventEmitter } from 'node:events';
import type { OutputStream } from '../../../src/ui/output.ts';

export interface FakeTerminal extends OutputStream {
  columns: number;
  rows: number;
  /** Every write as it came. */
  readonly writes: string[];
  /** What a person sees on scrolling all the way up, without colours and trailing blanks. */
  readonly text: () => string;
  resize(columns: number, rows: number): void;
}

/** As much of a terminal as our escape sequences need. The cursor stops at the top edge, as a real one does. */
export function createFakeTerminal(size: { columns: number; rows: number; isTTY?: boolean }): FakeTerminal {
  const emitter = new EventEmitter();
  const writes: string[] = [];
  const screen: string[] = [''];
  let row = 0;
  let column = 0;

  function put(character: string): void {
    const line = (screen[row] ?? '').padEnd(column);
    screen[row] = line.slice(0, column) + character + line.slice(column + 1);
    column += 1;
  }
  function newline(): void {
    row += 1;
    column = 0;
    screen[row] ??= '';
  }
  function control(parameters: string, final: string): void {
    const count = Number(parameters) || 1;
    const top = Math.max(0, screen.length - terminal.rows);
    if (final === 'A') row = Math.max(top, row - count);
    else if (final === 'C') column += count;
    else if (final === 'E') {
      row += count;
      column = 0;
    } else if (final === 'G') column = count - 1;
    else if (final === 'K') screen[row] = parameters === '2' ? '' : (screen[row] ?? '').slice(0, column);
    else if (final === 'H') {
      row = top;
      column = 0;
    } else if (final === 'J') {
      // Never the scrollback (3J), nor the whole screen (2J), which some terminals push into it.
      if (parameters !== '') throw new Error(`the screen was cleared: CSI ${parameters}J`);
      screen.length = row + 1;
      screen[row] = '';
    } else if (!'mhl'.includes(final))
      throw new Error(`unexpected escape sequence: CSI ${parameters}${final}`);
  }
  function feed(text: string): void {
    // oxlint-disable-next-line no-control-regex -- escape sequences are what a terminal reads
    for (const [part, parameters, final] of text.matchAll(/\u001B\[([\d;?]*)([A-Za-z])|[\s\S]/gu)) {
      if (final !== undefined) control(parameters ?? '', final);
      else if (part === '\n') newline();
      else if (part === '\r') column = 0;
      else put(part);
    }
  }

  const text = (): string => screen.map((line) => line.trimEnd()).join('\n');
  const terminal: FakeTerminal = {
    isTTY: size.isTTY ?? true,
    columns: size.columns,
    rows: size.rows,
    writes,
    write(chunk: unknown, ...rest: unknown[]) {
      writes.push(String(chunk));
      feed(String(chunk));
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    },
    text,
    resize(columns, rows) {
      Object.assign(terminal, { columns, rows });
      emitter.emit('resize');
    },
    on: (event, listener) => emitter.on(event, listener),
    off: (event, listener) => emitter.off(event, listener),
  };
  return terminal;
}
