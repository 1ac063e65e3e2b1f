import {
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import type { JournalRecord } from './record.ts';

/**
 * The changes of the namespace, one JSON object a line, each written before its request is answered. What the
 * kernel has been given survives the end of this process, so nothing waits for the disk.
 */
export class Journal {
  readonly #file: string;
  #descriptor: number;
  #size: number;
  /** Where the last record of the opened journal began. */
  readonly #last: number;
  /** Size after the last compaction, or the last that failed. */
  #compacted: number;

  private constructor(file: string, descriptor: number, size: number, last: number) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#size = size;
    this.#compacted = size;
    this.#last = last;
  }

  /**
   * Opens the journal, and reads it. A last line that was cut off was never acknowledged; it goes.
   *
   * @param read called with each record in turn; the last one may not have reached the folder yet.
   */
  static open(file: string, read: (record: JournalRecord, isLast: boolean) => void): Journal {
    const descriptor = openSync(file, 'a+', 0o600);
    const bytes = readFileSync(descriptor);
    const size = bytes.lastIndexOf(NEWLINE) + 1;
    if (size < bytes.length) ftruncateSync(descriptor, size);
    let [start, last] = [0, 0];
    while (start < size) {
      const end = bytes.indexOf(NEWLINE, start);
      const record = parsed(bytes.toString('utf8', start, end));
      if (record !== undefined) read(record, end === size - 1);
      [last, start] = [start, end + 1];
    }
    return new Journal(file, descriptor, size, last);
  }

  /** @returns what `takeBack` needs. */
  append(records: readonly JournalRecord[]): number {
    const before = this.#size;
    const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    let written = 0;
    try {
      // A disk that is just full takes a part.
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      this.takeBack(before);
      throw error;
    }
    this.#size += bytes.length;
    return before;
  }

  /** Forgets what was appended since: the change could not be made. Needs no space on the disk. */
  takeBack(size: number): void {
    ftruncateSync(this.#descriptor, size);
    this.#size = size;
  }

  /** Forgets the last record of the opened journal, as long as nothing has been appended. */
  takeBackLast(): void {
    this.takeBack(this.#last);
  }

  /** Whether most of it tells of what is long gone. */
  get isLong(): boolean {
    return this.#size > LONG_BYTES + 3 * this.#compacted;
  }

  /**
   * Replaces all by `records`, in one step.
   *
   * @throws the host's error; the journal is as it was, and not long any more until it has grown again.
   */
  compact(records: Iterable<JournalRecord>): void {
    const aside = `${this.#file}.new`;
    this.#compacted = this.#size;
    let descriptor = -1;
    let size = 0;
    try {
      descriptor = openSync(aside, NEW_TO_APPEND, 0o600);
      for (const text of inPieces(records)) size += writeAll(descriptor, Buffer.from(text));
      // Here a power cut would cost everything, and not only the last moments.
      fsyncSync(descriptor);
      renameSync(aside, this.#file);
    } catch (error) {
      if (descriptor !== -1) closeSync(descriptor);
      rmSync(aside, { recursive: true, force: true });
      throw error;
    }
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#size = size;
    this.#compacted = size;
  }

  close(): void {
    closeSync(this.#descriptor);
    // Whoever comes late must not write into what the number is given to next.
    this.#descriptor = -1;
  }
}

/** After a power cut there may be nonsense among the last lines; what the folder holds shows up without them. */
function parsed(line: string): JournalRecord | undefined {
  try {
    return JSON.parse(line) as JournalRecord;
  } catch {
    return undefined;
  }
}

const NEWLINE = 0x0a;
const NEW_TO_APPEND = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_APPEND;
const LONG_BYTES = 8 * 1024 * 1024;
const PIECE_CHARACTERS = 1024 * 1024;

function* inPieces(records: Iterable<JournalRecord>): Generator<string> {
  let piece = '';
  for (const record of records) {
    piece += `${JSON.stringify(record)}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function writeAll(descriptor: number, bytes: Buffer): number {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  return written;
}
