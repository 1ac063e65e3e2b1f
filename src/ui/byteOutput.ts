import type { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { DevenvError } from '../errors.ts';
import { writeLines } from './output.ts';
import { visibleText } from './visibleText.ts';

/**
 * Writes bytes, and resolves when the stream takes more: a file larger than memory goes through in pieces. A terminal gets
 * them as text that cannot command it.
 */
export function byteOutput(
  stream: Writable & { readonly isTTY?: boolean },
): (bytes: Uint8Array | string) => Promise<void> {
  let closed: Error | undefined;
  const decoder = stream.isTTY === true ? new StringDecoder('utf8') : undefined;
  stream.on('error', (error) => {
    closed = error;
  });
  return async (bytes) => {
    if (closed !== undefined) throw outputClosed(closed);
    const shown = decoder === undefined ? bytes : visible(bytes, decoder);
    if (shown.length === 0 || stream.write(shown)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'error', 'close']) stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) stream.on(event, done);
    });
  };
}

/** Lines for standard error, at once. */
export function lineOutput(stream: Writable): (line: string) => void {
  return (line) => writeLines(stream, [line]);
}

/** A character may come in two pieces. */
function visible(bytes: Uint8Array | string, decoder: StringDecoder): string {
  return visibleText(typeof bytes === 'string' ? bytes : decoder.write(Buffer.from(bytes)));
}

function outputClosed(cause: Error): DevenvError {
  return new DevenvError({
    code: 'output_closed',
    what: 'Nobody reads the output any more.',
    why: `${cause.message}.`,
    cause,
  });
}
