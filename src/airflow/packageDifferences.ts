/** Where two sets of packages differ; a version is undefined on the side that does not have the package. */
export interface PackageDifference {
  readonly name: string;
  readonly here: string | undefined;
  readonly there: string | undefined;
}

/**
 * By name.
 *
 * @param constraintsOnly the other side only bounds what is asked for: what only one side has is no difference.
 */
export function packageDifferences(
  here: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, string>,
  constraintsOnly = false,
): readonly PackageDifference[] {
  const all = [...new Set([...here.keys(), ...there.keys()])].toSorted();
  const names = constraintsOnly ? all.filter((name) => here.has(name) && there.has(name)) : all;
  return names
    .map((name) => ({ name, here: here.get(name), there: there.get(name) }))
    .filter((each) => each.here !== each.there);
}
