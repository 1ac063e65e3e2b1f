/** Where two sets of packages differ; a version is undefined on the side that does not have the package. */
export interface PackageDifference {
  readonly name: string;
  readonly here: string | undefined;
  readonly there: string | undefined;
}

/**
 * By name.
 *
 * @param constraintsOnly the other side only bounds what is asked for: what it names and is not here is no difference.
 */
export function packageDifferences(
  here: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, string>,
  constraintsOnly = false,
): readonly PackageDifference[] {
  const names = [...new Set([...here.keys(), ...(constraintsOnly ? [] : there.keys())])].toSorted();
  return names
    .map((name) => ({ name, here: here.get(name), there: there.get(name) }))
    .filter((each) => each.here !== each.there);
}
