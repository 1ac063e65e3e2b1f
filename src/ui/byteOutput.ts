import type { Writable } from 'node:stream';
import { DevenvError } from '../errors.ts';

/** Writes bytes, and resolves when the stream takes more: a file larger than memory goes through in pieces. */
export function byteOutput(stream: Writable): (bytes: Uint8Array | string) => Promise<void> {
  let closed: Error | undefined;
  stream.on('error', (error) => {
    closed = error;
  });
  return async (bytes) => {
    if (closed !== undefined) throw outputClosed(closed);
    if (bytes.length === 0 || stream.write(bytes)) return;
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
  return (line) => {
    stream.write(`${line}\n`);
  };
}

function outputClosed(cause: Error): DevenvError {
  return new DevenvError({
    code: 'output_closed',
    what: 'Nobody reads the output any more.',
    why: `${cause.message}.`,
    cause,
  });
}
