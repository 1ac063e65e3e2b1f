/**
 * A number with its noun: `1 task`, `3 tasks`, `2 processes`.
 *
 * @param many where it is not made by an `s`.
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
