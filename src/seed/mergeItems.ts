import type { MappingNode, RawItem, SeedNode } from './seedItem.ts';

/**
 * Several files as one, later ones winning: a variable's value as a whole, columns of connections and pools, and
 * keys of `extra`, one by one. So a file of secrets can add the password to a connection of another file.
 */
export function mergeItems(items: readonly RawItem[]): RawItem[] {
  const merged = new Map<string, RawItem>();
  for (const item of items) {
    const key = `${item.kind} ${item.name}`;
    const earlier = merged.get(key);
    merged.set(key, earlier === undefined ? item : mergeTwo(earlier, item));
  }
  return [...merged.values()];
}

function mergeTwo(earlier: RawItem, later: RawItem): RawItem {
  const fields = new Map(earlier.fields);
  if (later.kind === 'connection' && later.fields.has('uri')) fields.clear();
  for (const [name, node] of later.fields) {
    const before = fields.get(name);
    fields.set(
      name,
      later.kind === 'connection' && name === 'extra' && before ? mergeExtra(before, node) : node,
    );
  }
  return { ...later, fields };
}

function mergeExtra(earlier: SeedNode, later: SeedNode): SeedNode {
  if (earlier.kind !== 'mapping' || later.kind !== 'mapping') return later;
  const merged: MappingNode = { ...later, entries: new Map([...earlier.entries, ...later.entries]) };
  return merged;
}
