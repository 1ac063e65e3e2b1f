import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, Scalar, YAMLError } from 'yaml';
import type { Mistake } from './mistake.ts';
import { MOST_UNFOLDED, resolveAliases } from './yamlAliases.ts';

export type KeyPath = readonly PropertyKey[];

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A parsed file that still knows where everything stands. */
export interface YamlFile {
  readonly value: unknown;
  /** Where the value at a path stands, or the nearest thing around it. */
  readonly locate: (keyPath: KeyPath) => Place;
  /** The same for the key itself. */
  readonly locateKey: (keyPath: KeyPath) => Place;
}

/**
 * Parses `devenv.yaml`. Numbers and truth values at paths where `asText` says so are read as text: `3.10` is a
 * Python version, not 3.1.
 */
export function parseYamlFile(
  text: string,
  asText: (keyPath: KeyPath, source: string) => string | undefined,
): YamlFile | { mistakes: [Mistake, ...Mistake[]] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [first, ...others] = [...document.errors, ...document.warnings].map((error) => ({
    ...describeYamlError(error, text),
    ...position(error.pos[0]),
  }));
  // One that is not closed is reported for each level that it opens.
  const told = new Set([first?.found]);
  const news = others.filter(({ found }) => !told.has(found) && told.add(found));
  if (first !== undefined) return { mistakes: [first, ...news] };
  const { tooMuch } = resolveAliases(document);
  if (tooMuch !== undefined) {
    const found =
      `The file holds more than can be read: aliases that multiply to more than ${MOST_UNFOLDED} values, ` +
      'or 500 values inside of each other.';
    return { mistakes: [{ code: 'config_syntax', found, ...position(tooMuch.range?.[0] ?? 0) }] };
  }
  readAsText(document, asText);
  const start = (node: Node | undefined) => position(node?.range?.[0] ?? 0);
  try {
    return {
      value: document.toJS({ maxAliasCount: -1 }),
      locate: (keyPath) => start(nodesAlong(document, keyPath).value),
      locateKey: (keyPath) => start(nodesAlong(document, keyPath).key),
    };
  } catch (error) {
    // Aliases without an anchor, merges of what is no mapping, aliases that multiply without end.
    const found = `The file can't be read as YAML: ${error instanceof Error ? error.message : String(error)}.`;
    return { mistakes: [{ code: 'config_syntax', found, line: 1, column: 1 }] };
  }
}

function describeYamlError(error: YAMLError, text: string): Pick<Mistake, 'code' | 'found' | 'allowed'> {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]+/.exec(text.slice(error.pos[0]))?.[0] ?? '';
    return {
      code: 'config_duplicate_key',
      found: `The key "${key}" is there twice in the same mapping.`,
      allowed: 'Keep one of the two; put what both hold under it.',
    };
  }
  // What follows a colon quotes the file, where a password may stand.
  const reason = error.message.replace(/: ".*/s, '').replace(/[.\s]+$/, '');
  return { code: 'config_syntax', found: `The file is not valid YAML: ${reason}.` };
}

function readAsText(
  document: Document,
  asText: (keyPath: KeyPath, source: string) => string | undefined,
): void {
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || (typeof node.value !== 'number' && typeof node.value !== 'boolean')) return;
      const keyPath = ancestors.flatMap((ancestor, index) => keysOf(ancestor, ancestors[index + 1] ?? node));
      const text = asText(keyPath, node.source ?? String(node.value));
      if (text !== undefined) node.value = text;
    },
  });
}

function keysOf(ancestor: unknown, child: unknown): PropertyKey[] {
  if (isSeq(ancestor)) return [ancestor.items.indexOf(child)];
  if (typeof ancestor === 'object' && ancestor !== null && 'key' in ancestor && isScalar(ancestor.key)) {
    return [String(ancestor.key.value)];
  }
  return [];
}

/** Goes down as far as the file goes; keys that a merge brought have no place of their own. */
function nodesAlong(
  document: Document,
  keyPath: KeyPath,
): { key: Node | undefined; value: Node | undefined } {
  let value: Node | undefined = document.contents ?? undefined;
  let key = value;
  for (const step of keyPath) {
    const collection: Node | undefined = isAlias(value) ? value.resolve(document) : value;
    if (isMap(collection)) {
      const pair = collection.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) break;
      key = pair.key as Scalar;
      value = (pair.value as Node | null) ?? key;
    } else if (isSeq(collection) && collection.items[Number(step)] !== undefined) {
      value = collection.items[Number(step)] as Node;
      key = value;
    } else break;
  }
  return { key, value };
}
