import { nearestNames } from '../config/nearestNames.ts';
import { DevenvError, type SourceLocation } from '../errors.ts';
import { parsedJson } from './nodeJson.ts';
import type { MappingEntry, RawItem, SeedNode } from './seedItem.ts';
import { mistake } from './seedProblem.ts';

type Report = (error: DevenvError) => void;

interface Listing {
  /** An entry of a list, where `value` is always the value. */
  readonly isListed?: boolean;
}

const VARIABLE_KEYS = ['value', 'description', 'secret'];
const CONNECTION_KEYS = [
  'uri',
  'conn_type',
  'description',
  'host',
  'login',
  'password',
  'schema',
  'port',
  'extra',
];
/** What other tools call the same. */
const CONNECTION_ALIASES = new Map([
  ['type', 'conn_type'],
  ['conn_uri', 'uri'],
  ['user', 'login'],
  ['username', 'login'],
  ['extra_dejson', 'extra'],
]);
/** In exports of older versions of Airflow; nothing to seed. */
const CONNECTION_IGNORED = new Set(['conn_id', 'id', 'is_encrypted', 'is_extra_encrypted', 'get_uri']);
const POOL_KEYS = ['slots', 'description', 'include_deferred'];

/**
 * `name: value`, where the value may be anything. A mapping of exactly `value` and `description` is a value with
 * a description, as in Airflow's own files.
 */
export function variableItem(
  name: string,
  entry: MappingEntry,
  report: Report,
  { isListed = false }: Listing = {},
): RawItem | undefined {
  const { node, place } = entry;
  if (node.kind === 'mapping') {
    const keys = [...node.entries.keys()];
    const isDescribed = keys.length === 2 && keys.includes('value') && keys.includes('description');
    if (isListed && !allKnown(keys, VARIABLE_KEYS, node.entries, report)) return undefined;
    if (isListed || isDescribed) return { kind: 'variable', name, place, fields: fieldsOf(node.entries) };
  }
  return { kind: 'variable', name, place, fields: new Map([['value', node]]) };
}

/** `name: uri`, or a mapping of columns. */
export function connectionItem(name: string, entry: MappingEntry, report: Report): RawItem | undefined {
  const { place } = entry;
  const node = unpacked(entry.node, report);
  if (node === undefined) return undefined;
  if (node.kind === 'text') return { kind: 'connection', name, place, fields: new Map([['uri', node]]) };
  if (node.kind !== 'mapping') {
    report(
      mistake(node.place, {
        code: 'seed_wrong_value',
        what: `The connection "${name}" must be a URI, or a mapping of conn_type, host, login, password, …`,
      }),
    );
    return undefined;
  }
  const known = new Map(
    [...node.entries]
      .filter(([key]) => !CONNECTION_IGNORED.has(key))
      .map(([key, each]) => [CONNECTION_ALIASES.get(key) ?? key, each] as const),
  );
  if (!allKnown([...known.keys()], CONNECTION_KEYS, known, report)) return undefined;
  return { kind: 'connection', name, place, fields: fieldsOf(known) };
}

/** A connection in an environment variable may be the JSON text of its columns. */
function unpacked(node: SeedNode, report: Report): SeedNode | undefined {
  if (node.kind !== 'text' || !node.text.trimStart().startsWith('{')) return node;
  try {
    return parsedJson(node);
  } catch (error) {
    if (!(error instanceof DevenvError)) throw error;
    report(error);
    return undefined;
  }
}

/** `name: slots`, or a mapping. */
export function poolItem(name: string, entry: MappingEntry, report: Report): RawItem | undefined {
  const { node, place } = entry;
  if (node.kind === 'plain' || node.kind === 'text')
    return { kind: 'pool', name, place, fields: new Map([['slots', node]]) };
  if (node.kind !== 'mapping') {
    const what = `The pool "${name}" must be a number of slots, or a mapping.`;
    report(mistake(node.place, { code: 'seed_wrong_value', what }));
    return undefined;
  }
  if (!allKnown([...node.entries.keys()], POOL_KEYS, node.entries, report)) return undefined;
  return { kind: 'pool', name, place, fields: fieldsOf(node.entries) };
}

function fieldsOf(entries: ReadonlyMap<string, MappingEntry>): Map<string, SeedNode> {
  return new Map([...entries].map(([key, { node }]) => [key, node]));
}

function allKnown(
  keys: readonly string[],
  allowed: readonly string[],
  entries: ReadonlyMap<string, MappingEntry>,
  report: Report,
): boolean {
  const unknown = keys.filter((key) => !allowed.includes(key));
  for (const key of unknown) report(unknownKey(key, allowed, entries.get(key)?.place));
  return unknown.length === 0;
}

function unknownKey(key: string, allowed: readonly string[], place: SourceLocation | undefined): DevenvError {
  const near = nearestFields(key, allowed);
  return mistake(place, {
    code: 'seed_unknown_key',
    what: `"${key}" means nothing here.`,
    why: `Allowed are ${allowed.join(', ')}.`,
    next: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : [],
  });
}

/** Also those that the key begins with, or that begin with it: `hostname`, `pass`. */
function nearestFields(key: string, allowed: readonly string[]): readonly string[] {
  const near = nearestNames(key, allowed);
  const lower = key.toLowerCase();
  return near.length > 0 ? near : allowed.filter((each) => lower.startsWith(each) || each.startsWith(lower));
}
