import type { OutputStream } from './output.ts';
import { visibleText } from './visibleText.ts';

const LINE_FEED = 0x0a;

/**
 * Writes what another program answered: byte by byte into a file or a pipe, as visible text on a terminal, with a line
 * feed at the end either way.
 */
export function writeForeignBytes(stream: OutputStream, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  stream.write(stream.isTTY === true ? visibleText(new TextDecoder().decode(bytes)) : bytes);
  if (bytes.at(-1) !== LINE_FEED) stream.write('\n');
}
