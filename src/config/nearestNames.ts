/**
 * The candidates that `name` is probably a misspelling of, most likely first; at most three.
 * Counts a swap of two neighbours as one mistake (Damerau-Levenshtein), ignores case, and takes a candidate
 * that starts with `name` as near, because people stop typing.
 */
export function nearestNames(name: string, candidates: Iterable<string>): string[] {
  const typed = name.toLowerCase();
  const tolerated = Math.max(1, Math.floor(typed.length / 3));
  const near: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const distance = nearness(typed, candidate.toLowerCase(), tolerated);
    if (distance <= tolerated) near.push({ candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate));
  return near.slice(0, 3).map(({ candidate }) => candidate);
}

function nearness(typed: string, candidate: string, tolerated: number): number {
  const startsWith = typed.length >= 3 && candidate.startsWith(typed);
  // A thousand DAG ids are compared in one go: lengths alone rule most of them out.
  const distance =
    Math.abs(typed.length - candidate.length) > tolerated ? Infinity : editDistance(typed, candidate);
  return startsWith ? Math.min(distance, tolerated) : distance;
}

function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, at(beforePrevious, column - 2) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(distances: readonly number[], index: number): number {
  return distances[index] ?? Infinity;
}
