import type { Writable } from 'node:stream';
import type { Style } from './style.ts';
import { terminalText } from './visibleText.ts';

/** The part of `process.stdout` and `process.stderr` that is used here; tests pass their own. */
export interface OutputStream extends Pick<Writable, 'write'> {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** A stream together with how to paint on it. */
export interface Output {
  readonly stream: OutputStream;
  readonly style: Style;
}

/**
 * One write for all lines: they stay together, and a terminal draws once. What is in them cannot command the terminal,
 * whatever names and texts of others they hold.
 */
export function writeLines(stream: OutputStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${terminalText(lines.join('\n'))}\n`);
}

/** A value that a program reads: into a file or a pipe it goes exactly as it is. */
export function writeValue(stream: OutputStream, lines: readonly string[]): void {
  if (stream.isTTY === true) writeLines(stream, lines);
  else if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}

/** Resolves when all that was written before has left the process. */
export async function flush(stream: OutputStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
