import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileSystemError } from '../platform/fileSystemError.ts';
import { RingBuffer } from '../platform/ringBuffer.ts';
import type { StackLogLine } from './events.ts';

const LINES_IN_MEMORY = 5_000;
/** `<service>.log` is moved to `.1`, `.1` to `.2` and so on when it is longer than this. */
const LONGEST_FILE_BYTES = 10 * 1024 * 1024;
const KEPT_FILES = 3;
/** A disk that was full is tried again after this. */
const RETRY_MS = 10_000;

export interface LogStoreOptions {
  readonly directory: string;
  readonly onLine: (line: StackLogLine) => void;
  /** Takes secrets out of a line. */
  readonly hide: (text: string) => string;
  /** Told once per outage: the lines go on in memory. */
  readonly onProblem: (error: Error) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The lines of every service: the last ones in memory, more of them in a rotated file per service. */
export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #lines = new RingBuffer<StackLogLine>(LINES_IN_MEMORY);
  readonly #files = new Map<string, LogFile>();
  #sequence = 0;

  constructor(options: LogStoreOptions) {
    this.#options = options;
  }

  add(service: string, told: string): void {
    this.#sequence += 1;
    const text = this.#options.hide(told);
    const line = { sequence: this.#sequence, service, text };
    this.#lines.push(line);
    this.#options.onLine(line);
    this.#file(service).write(`${text}\n`);
  }

  /** The last lines of these services (all when none is named), oldest first. */
  last(count: number, services: readonly string[] = []): readonly StackLogLine[] {
    const wanted = new Set(services);
    const lines = this.#lines.last();
    const chosen = wanted.size === 0 ? lines : lines.filter((each) => wanted.has(each.service));
    return count === 0 ? [] : chosen.slice(-count);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((each) => each.close()));
  }

  #file(service: string): LogFile {
    const known = this.#files.get(service);
    if (known !== undefined) return known;
    const file = new LogFile(path.join(this.#options.directory, `${service}.log`), this.#options);
    this.#files.set(service, file);
    return file;
  }
}

/** Never throws and never makes its caller wait: a stack must not stop because a disk is full. */
class LogFile {
  readonly #path: string;
  readonly #options: LogStoreOptions;
  #pending: string[] = [];
  #work: Promise<void> | undefined;
  #stream: WriteStream | undefined;
  #bytes = 0;
  #brokenUntil = 0;

  constructor(file: string, options: LogStoreOptions) {
    this.#path = file;
    this.#options = options;
  }

  write(text: string): void {
    if (this.#options.now() < this.#brokenUntil) return;
    this.#pending.push(text);
    this.#work ??= this.#drain().finally(() => {
      this.#work = undefined;
    });
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#closeStream();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const text = this.#pending.join('');
        this.#pending = [];
        await this.#append(text);
      }
    } catch (error) {
      this.#pending = [];
      const outage = this.#brokenUntil === 0;
      this.#brokenUntil = this.#options.now() + RETRY_MS;
      this.#stream?.destroy();
      this.#stream = undefined;
      if (outage) this.#options.onProblem(fileSystemError(error, 'write the log', this.#path) as Error);
      return;
    }
    this.#brokenUntil = 0;
  }

  async #append(text: string): Promise<void> {
    if (this.#bytes > LONGEST_FILE_BYTES) await this.#rotate();
    const stream = this.#stream ?? (await this.#open());
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
    this.#bytes += Buffer.byteLength(text);
  }

  async #open(): Promise<WriteStream> {
    // Not what is above: a project that has been removed must not come back.
    await mkdir(path.dirname(this.#path), { mode: 0o700 }).catch(unlessThere);
    this.#bytes = await stat(this.#path).then(
      (found) => found.size,
      () => 0,
    );
    const stream = createWriteStream(this.#path, { flags: 'a', mode: 0o600 });
    // The writes report what goes wrong; without a listener the event would end the process.
    stream.on('error', () => {});
    this.#stream = stream;
    return stream;
  }

  async #rotate(): Promise<void> {
    await this.#closeStream();
    for (let number = KEPT_FILES - 1; number >= 0; number -= 1) {
      const from = number === 0 ? this.#path : `${this.#path}.${number}`;
      await rename(from, `${this.#path}.${number + 1}`).catch(() => {});
    }
  }

  async #closeStream(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined || stream.closed) return;
    await new Promise<void>((resolve) => {
      stream.once('close', () => resolve());
      stream.end();
    });
  }
}

function unlessThere(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error;
}
