import type { AppliedItem } from './applySeed.ts';
import type { DesiredItem } from './seedItem.ts';
import type { SecretFields, SeedMemory } from './seedMemory.ts';

/** The memory after a seed; without the state, which is known only when all went well. */
export function remembered(memory: SeedMemory, applied: readonly AppliedItem[]): SeedMemory {
  const next = {
    variable: new Map(memory.variable),
    connection: new Map(memory.connection),
    pool: new Map(memory.pool),
  };
  for (const { kind, name, action, hash } of applied) {
    if (action === 'removed') next[kind].delete(name);
    else if (hash !== undefined) next[kind].set(name, hash);
  }
  return next;
}

/** Those of these items beside what is known; nothing is forgotten. */
export function withSecretFields(known: SecretFields, items: readonly DesiredItem[]): SecretFields {
  const next = {
    variable: new Map(known.variable),
    connection: new Map(known.connection),
    pool: new Map(known.pool),
  };
  for (const item of items) {
    const all = new Set([...(next[item.kind].get(item.name) ?? []), ...secretFieldsOf(item)]);
    if (all.size > 0) next[item.kind].set(item.name, [...all]);
  }
  return next;
}

function secretFieldsOf(item: DesiredItem): readonly string[] {
  if (item.kind === 'connection') return item.secretFields;
  return item.kind === 'variable' && item.isSecret ? ['value'] : [];
}
