import path from 'node:path';
import { nearestNames } from '../config/nearestNames.ts';
import type { DevenvError, SourceLocation } from '../errors.ts';
import { astroItems } from './astroSettings.ts';
import { environmentItems } from './environmentItems.ts';
import { hasRefused } from './nodeJson.ts';
import { connectionItem, poolItem, variableItem } from './itemFields.ts';
import type { MappingEntry, MappingNode, RawItem, SeedKind, SeedNode } from './seedItem.ts';
import { sectionKind, SECTIONS } from './seedItem.ts';
import { mistake } from './seedProblem.ts';

export interface FileItems {
  readonly items: readonly RawItem[];
  readonly errors: readonly DevenvError[];
}

/** Takes what a file says apart into items. What is wrong with one leaves the others as they are. */
export function fileItems(file: string, root: SeedNode): FileItems {
  const errors: DevenvError[] = [];
  const report = (error: DevenvError): void => void errors.push(error);
  if (root.kind !== 'mapping') {
    report(
      mistake(root.place, { code: 'seed_wrong_value', what: 'The file must be a mapping.', next: LAYOUT }),
    );
    return { items: [], errors };
  }
  return { items: firstOfEach(itemsOf(file, root, report), report).filter(isWhole), errors };
}

/** One name may be spelled in several ways, and stand in several places of a file. */
function firstOfEach(items: readonly RawItem[], report: Report): RawItem[] {
  const first = new Map<string, RawItem>();
  for (const item of items) {
    const key = `${item.kind} ${item.name}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, item);
    else report(duplicateItem(item, earlier));
  }
  return [...first.values()];
}

/** What was refused while it was read is told there; the rest of the item would be something else. */
function isWhole({ fields }: RawItem): boolean {
  return ![...fields.values()].some(hasRefused);
}

export type Report = (error: DevenvError) => void;

function itemsOf(file: string, root: MappingNode, report: Report): RawItem[] {
  const names = [...root.entries.keys()];
  if (names.some((name) => sectionKind(name) !== undefined)) return sectionItems(root, report);
  const settings = root.entries.get('airflow');
  if (settings !== undefined && isAstro(settings.node)) return astroItems(settings.node, report);
  if (isEnvironmentFile(file)) return environmentItems(root, flatKind(file), report);
  const kind = flatKind(file);
  if (kind !== undefined) return entriesOf(kind, root, report);
  // A file of secrets that has none yet says only who may read it.
  const unknown = names.filter((name) => !OTHER_KEYS.has(name));
  if (unknown.length > 0) report(unknownLayout(root, unknown));
  return [];
}

function sectionItems(root: MappingNode, report: Report): RawItem[] {
  return [...root.entries].flatMap(([name, entry]) => {
    const kind = sectionKind(name);
    if (kind !== undefined) return section(kind, entry, report);
    if (!OTHER_KEYS.has(name)) report(unknownSection(name, entry.place));
    return [];
  });
}

/** Who may decrypt: read by who edits the file. */
const OTHER_KEYS = new Set(['recipients']);

function section(kind: SeedKind, { node, place }: MappingEntry, report: Report): RawItem[] {
  if (node.kind === 'plain' && node.json === 'null') return [];
  if (node.kind === 'mapping') return entriesOf(kind, node, report);
  if (node.kind === 'list') return node.items.flatMap((item) => listed(kind, item, report));
  report(
    mistake(place, {
      code: 'seed_wrong_value',
      what: `This section must be a mapping of names to ${kind}s, or a list.`,
    }),
  );
  return [];
}

const READERS = { variable: variableItem, connection: connectionItem, pool: poolItem };
const NAME_KEYS: Readonly<Record<SeedKind, readonly string[]>> = {
  variable: ['name', 'key'],
  connection: ['conn_id', 'name', 'id'],
  pool: ['name', 'pool'],
};

function entriesOf(kind: SeedKind, node: MappingNode, report: Report): RawItem[] {
  return [...node.entries].flatMap(([name, entry]) => {
    const item = READERS[kind](name, entry, report);
    return item === undefined ? [] : [item];
  });
}

/** `- {name: …, value: …, description: …}` */
function listed(kind: SeedKind, node: SeedNode, report: Report): RawItem[] {
  if (node.kind !== 'mapping') {
    report(
      mistake(node.place, { code: 'seed_wrong_value', what: `Each ${kind} of a list must be a mapping.` }),
    );
    return [];
  }
  const key = NAME_KEYS[kind].find((each) => node.entries.has(each));
  const named = key === undefined ? undefined : node.entries.get(key);
  if (
    key === undefined ||
    named === undefined ||
    named.node.kind === 'list' ||
    named.node.kind === 'mapping'
  ) {
    const what = `This ${kind} has no ${NAME_KEYS[kind][0]}.`;
    report(mistake(node.place, { code: 'seed_missing_key', what }));
    return [];
  }
  const rest = new Map([...node.entries].filter(([each]) => each !== key));
  const name = named.node.kind === 'text' ? named.node.text : named.node.json;
  const entry = { place: named.node.place, node: { ...node, entries: rest } };
  const item = READERS[kind](name, entry, report, { isListed: true });
  return item === undefined ? [] : [item];
}

function isAstro(node: SeedNode): node is MappingNode {
  return node.kind === 'mapping' && [...node.entries.keys()].some((name) => sectionKind(name) !== undefined);
}

export function isEnvironmentFile(file: string): boolean {
  return /(^|\.)env$|^\.env(\.|$)/.test(path.basename(file));
}

/** A file without sections says by its name what it holds, as those that Airflow exports. */
function flatKind(file: string): SeedKind | undefined {
  const name = path.basename(file).toLowerCase();
  if (/variable|(^|\b)vars?\b/.test(name)) return 'variable';
  if (/connection|(^|\b)conns?\b/.test(name)) return 'connection';
  return /pool/.test(name) ? 'pool' : undefined;
}

const LAYOUT = [
  'Put things under variables:, connections: and pools:',
  'Or name the file after what it holds: variables.yaml, connections.yaml, pools.yaml',
];

function unknownSection(name: string, place: SourceLocation): DevenvError {
  const near = nearestNames(name, Object.keys(SECTIONS));
  return mistake(place, {
    code: 'seed_unknown_key',
    what: `"${name}" is nothing that a seed has.`,
    why: 'Allowed are variables, connections, pools and recipients.',
    next: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : LAYOUT,
  });
}

function unknownLayout(root: MappingNode, names: readonly string[]): DevenvError {
  const near = nearestNames(names[0] ?? '', [...Object.keys(SECTIONS), 'airflow']);
  const place = root.entries.get(names[0] ?? '')?.place ?? root.place;
  return mistake(place, {
    code: 'seed_unknown_key',
    what: 'Nothing says what this file holds.',
    why: `It begins with "${names[0]}", which is none of variables, connections, pools and airflow.`,
    next: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`, ...LAYOUT] : LAYOUT,
  });
}

function duplicateItem({ kind, name, place }: RawItem, first: RawItem): DevenvError {
  return mistake(place, {
    code: 'seed_duplicate_key',
    what: `The ${kind} "${name}" is there twice.`,
    why: `The first one, at line ${first.place.line}, counts; this one does not.`,
    next: ['Keep one of the two'],
  });
}
