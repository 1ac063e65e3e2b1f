import type { BodyFraming } from './requestHead.ts';

/** Takes the body of a request out of the bytes of a connection. */
export interface BodyDecoder {
  /**
   * Adds what belongs to the body to `into`.
   *
   * @returns what comes after the body, once it is complete; undefined before.
   * @throws Error for a body that is not framed as announced.
   */
  decode(bytes: Buffer, into: Buffer[]): Buffer | undefined;
}

export function newBodyDecoder(framing: BodyFraming): BodyDecoder {
  return framing.kind === 'chunked' ? new ChunkedDecoder() : new LengthDecoder(framing.bytes);
}

class LengthDecoder implements BodyDecoder {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  decode(bytes: Buffer, into: Buffer[]): Buffer | undefined {
    const own = Math.min(this.#left, bytes.length);
    if (own > 0) into.push(own === bytes.length ? bytes : bytes.subarray(0, own));
    this.#left -= own;
    return this.#left === 0 ? bytes.subarray(own) : undefined;
  }
}

/** A line of a chunk's size, or of the trailer. */
const LONGEST_LINE_BYTES = 4096;
const CR = 0x0d;
const NEWLINE = 0x0a;

/** RFC 9112, 7.1. */
class ChunkedDecoder implements BodyDecoder {
  #state: 'size' | 'data' | 'end of data' | 'trailer' = 'size';
  #left = 0;
  #line = '';
  #trailerBytes = 0;

  decode(bytes: Buffer, into: Buffer[]): Buffer | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        into.push(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'end of data';
        continue;
      }
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline === -1 ? bytes.length : newline;
      this.#line += bytes.toString('latin1', at, end);
      if (this.#line.length > LONGEST_LINE_BYTES) throw new Error('a line of a chunk is too long');
      if (newline === -1) return undefined;
      at = newline + 1;
      if (this.#endLine()) return bytes.subarray(at);
    }
    return undefined;
  }

  /** @returns whether the body is complete. */
  #endLine(): boolean {
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    if (this.#state === 'size') {
      const size = /^([0-9a-f]{1,13})[ \t]*(;.*)?$/i.exec(line);
      if (size === null) throw new Error('the size of a chunk is no number');
      this.#left = Number.parseInt(size[1]!, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    } else if (this.#state === 'end of data') {
      if (line !== '') throw new Error('a chunk is longer than announced');
      this.#state = 'size';
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > LONGEST_LINE_BYTES) throw new Error('the trailer is too long');
      return line === '';
    }
    return false;
  }
}
