import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';

/** The task's own log in Airflow has all of it. */
const MOST_BYTES = 64 * 1024 ** 2;

/**
 * Keeps what a driver prints in a file, as far as it is of a size to be read. Never holds the driver up for longer than
 * the disk takes, and never fails: a full disk costs the copy, not the job.
 */
export function openDriverLog(file: string, mostBytes = MOST_BYTES): Writable {
  const target = createWriteStream(file, { flags: 'a', mode: 0o600 });
  let left = mostBytes;
  target.on('error', () => (left = 0));
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (left <= 0) return done();
      const kept = chunk.subarray(0, left);
      left -= chunk.length;
      const rest = left <= 0 ? `\n… what follows is only in the log of the task\n` : '';
      target.write(Buffer.concat([kept, Buffer.from(rest)]), () => done());
    },
    final(done) {
      target.end(() => done());
    },
  });
}
