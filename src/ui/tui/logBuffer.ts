import type { StackLogLine } from '../../stack/events.ts';
import { printableLines } from '../textWidth.ts';

/** Lines of all services together, and of each one: a talkative service must not push out what the others said. */
const [CAPACITY, SERVICE_CAPACITY] = [10_000, 3000];
/** Nobody reads on; and a line of a megabyte would be measured and cut with every frame. */
const LONGEST_LINE = 4096;

export interface LogLine {
  readonly service: string;
  /** Nothing in it moves the cursor; colours may be left, where they are wanted. */
  readonly text: string;
}

/**
 * The last lines by position: the first line ever has 0. A reader that holds a position keeps its place while new
 * lines come and old ones go.
 */
export class LineRing {
  readonly #items: (LogLine | undefined)[];
  #end = 0;

  constructor(capacity: number) {
    this.#items = Array.from({ length: capacity });
  }

  /** Position of the oldest line that is kept. */
  get first(): number {
    return Math.max(0, this.#end - this.#items.length);
  }

  /** The position after the newest line. */
  get end(): number {
    return this.#end;
  }

  push(line: LogLine): void {
    this.#items[this.#end % this.#items.length] = line;
    this.#end += 1;
  }

  at(position: number): LogLine | undefined {
    if (position < this.first || position >= this.#end) return undefined;
    return this.#items[position % this.#items.length];
  }
}

export interface LogReader {
  /** Of one service, or of all together. */
  lines(service?: string): LineRing;
}

export interface LogBuffer extends LogReader {
  /** Lines that are known already, which a new connection repeats, are left out. */
  add(line: Pick<StackLogLine, 'sequence' | 'service' | 'text'>): void;
  /** From now on it is another supervisor, which counts from the beginning. */
  startOver(): void;
}

export function createLogBuffer(color: boolean): LogBuffer {
  const all = new LineRing(CAPACITY);
  const services = new Map<string, LineRing>();
  let last = -1;

  function ringOf(service: string): LineRing {
    const known = services.get(service);
    if (known !== undefined) return known;
    const ring = new LineRing(SERVICE_CAPACITY);
    services.set(service, ring);
    return ring;
  }
  return {
    lines: (service) => (service === undefined ? all : ringOf(service)),
    add({ sequence, service, text }) {
      if (sequence <= last) return;
      last = sequence;
      const short = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
      for (const line of printableLines(short.replaceAll('\t', '    '), color)) {
        all.push({ service, text: line });
        ringOf(service).push({ service, text: line });
      }
    },
    startOver() {
      last = -1;
    },
  };
}
