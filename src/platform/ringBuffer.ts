/** Keeps the last `capacity` items. Adding one costs the same however many there are. */
export class RingBuffer<T> {
  readonly #items: (T | undefined)[];
  #next = 0;
  #size = 0;

  constructor(capacity: number) {
    this.#items = Array.from({ length: capacity });
  }

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#items.length;
    this.#size = Math.min(this.#size + 1, this.#items.length);
  }

  /** The last `count` items, oldest first. */
  last(count = this.#size): T[] {
    const wanted = Math.min(count, this.#size);
    const start = this.#next - wanted + this.#items.length;
    return Array.from(
      { length: wanted },
      (_, index) => this.#items[(start + index) % this.#items.length] as T,
    );
  }
}
