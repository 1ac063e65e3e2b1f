/** The index after a move in a list: clamped, also when the list has shrunk. */
function moveIndex(index: number, length: number, move: MoveName, page: number): number {
  return Math.max(0, Math.min(length - 1, index + moveDistance(move, length, page)));
}

export const MOVES = ['up', 'down', 'pageUp', 'pageDown', 'first', 'last'] as const;
export type MoveName = (typeof MOVES)[number];

export function isMove(action: string): action is MoveName {
  return (MOVES as readonly string[]).includes(action);
}

/** Lines downwards; upwards below zero. */
export function moveDistance(move: MoveName, length: number, page: number): number {
  switch (move) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'pageUp':
      return -Math.max(1, page - 1);
    case 'pageDown':
      return Math.max(1, page - 1);
    case 'first':
      return -length;
    case 'last':
      return length;
  }
}

/** The line at the top after a move in a text that has `length` lines, of which a page is in sight. */
export function scrollTop(top: number, length: number, move: MoveName, page: number): number {
  const lowest = Math.max(0, length - page);
  return Math.max(0, Math.min(lowest, Math.min(top, lowest) + moveDistance(move, length, page)));
}

/** The name after a move in a list of names. */
export function moveName<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  selected: string | undefined,
  move: MoveName,
  page: number,
): string | undefined {
  const index = Math.max(
    0,
    items.findIndex((each) => nameOf(each) === selected),
  );
  const next = items[moveIndex(index, items.length, move, page)];
  return next === undefined ? undefined : nameOf(next);
}

/** The first row of a window of `length` rows that keeps `selected` in sight, moving no more than it must. */
export function windowStart(selected: number, total: number, length: number): number {
  const wanted = selected - Math.floor(length / 2);
  return Math.max(0, Math.min(wanted, total - length));
}
