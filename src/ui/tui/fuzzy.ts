/**
 * The items whose text holds the letters of the query in their order, the best first: letters that stand together and
 * at the beginnings of words count more. All of them, as they were, for an empty query.
 */
export function fuzzyFilter<T>(
  items: readonly T[],
  query: string,
  textOf: (item: T) => string,
): readonly T[] {
  if (query.trim() === '') return items;
  return items
    .map((item) => ({ item, score: fuzzyScore(textOf(item), query) }))
    .filter((each): each is { item: T; score: number } => each.score !== undefined)
    .toSorted((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

/** Undefined when the text does not hold all letters. Blanks in the query count for nothing. */
export function fuzzyScore(text: string, query: string): number | undefined {
  const lower = text.toLowerCase();
  const letters = query.toLowerCase().replaceAll(/\s/g, '');
  // Going for the beginnings of words can run past a letter that is needed; then the first ones have to do.
  const places = letterPlaces(lower, letters, nextGoodLetter) ?? letterPlaces(lower, letters, nextLetter);
  if (places === undefined) return undefined;
  const together = places.filter((at, index) => at === (places[index - 1] ?? -1) + 1).length;
  const starts = places.filter((at) => isWordStart(lower, at)).length;
  return 2 * together + 3 * starts - text.length / 100;
}

function letterPlaces(
  text: string,
  letters: string,
  next: (text: string, letter: string, from: number) => number,
): readonly number[] | undefined {
  const places: number[] = [];
  for (const letter of letters) {
    const at = next(text, letter, (places.at(-1) ?? -1) + 1);
    if (at < 0) return undefined;
    places.push(at);
  }
  return places;
}

function nextLetter(text: string, letter: string, from: number): number {
  return text.indexOf(letter, from);
}

/** Where the letter goes on a run or begins a word, if it does anywhere; else the next one. */
function nextGoodLetter(text: string, letter: string, from: number): number {
  if (text[from] === letter) return from;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === letter && isWordStart(text, at)) return at;
  }
  return nextLetter(text, letter, from);
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '');
}
