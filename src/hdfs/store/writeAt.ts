import { writev } from 'node:fs';

/** Most buffers that one call of the kernel takes. */
const MOST_BUFFERS = 512;

/**
 * Writes buffers to a file in threads of their own.
 *
 * @param wrote told what was written, also before it fails.
 */
export async function writeAt(
  descriptor: number,
  chunks: readonly Buffer[],
  position: number,
  wrote: (count: number) => void,
): Promise<void> {
  let [rest, at] = [chunks, position];
  while (rest.length > 0) {
    const count = await writeSome(descriptor, rest.slice(0, MOST_BUFFERS), at);
    at += count;
    wrote(count);
    rest = after(rest, count);
  }
}

async function writeSome(descriptor: number, chunks: readonly Buffer[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(descriptor, chunks, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function after(chunks: readonly Buffer[], written: number): readonly Buffer[] {
  let rest = written;
  for (const [index, chunk] of chunks.entries()) {
    if (rest < chunk.length) return [chunk.subarray(rest), ...chunks.slice(index + 1)];
    rest -= chunk.length;
  }
  return [];
}
