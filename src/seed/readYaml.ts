import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, Pair, Scalar, YAMLError, YAMLMap } from 'yaml';
import { MOST_UNFOLDED, resolveAliases, type ResolvedAliases } from '../config/yamlAliases.ts';
import { DevenvError, type SourceLocation } from '../errors.ts';
import type { MappingEntry, SeedNode } from './seedItem.ts';
import { mistake } from './seedProblem.ts';

export interface ReadFile {
  /** Undefined for an empty file, and for one that can't be understood. */
  readonly root: SeedNode | undefined;
  /** What is wrong with the file, or with single keys in it; those are left out of `root`. */
  readonly errors: readonly DevenvError[];
}

/**
 * Reads YAML, and JSON as a part of it, in which every value keeps its place. Values are what YAML 1.2 says:
 * `yes` and `2026-01-31` are text.
 */
export function readYaml(file: string, text: string): ReadFile {
  const reader = new YamlReader(file, text);
  const errors = reader.syntaxErrors();
  if (errors.length > 0) return { root: undefined, errors };
  const { contents } = reader.document;
  const tooMuch = reader.tooMuch();
  if (contents === null || tooMuch !== undefined) {
    return { root: undefined, errors: tooMuch === undefined ? [] : [tooMuch] };
  }
  try {
    return { root: reader.node(contents), errors: reader.errors };
  } catch (error) {
    if (!(error instanceof DevenvError)) throw error;
    return { root: undefined, errors: [...reader.errors, error] };
  }
}

class YamlReader {
  readonly document: Document;
  readonly errors: DevenvError[] = [];
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #aliases: ResolvedAliases;

  constructor(file: string, text: string) {
    this.#file = file;
    this.document = parseDocument(readable(file, text), {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      merge: true,
      intAsBigInt: true,
    });
    this.#aliases = resolveAliases(this.document);
  }

  /** Before anything is unfolded. */
  tooMuch(): DevenvError | undefined {
    const node = this.#aliases.tooMuch;
    return node === undefined ? undefined : tooLarge(this.#place(node.range?.[0] ?? 0));
  }

  syntaxErrors(): DevenvError[] {
    return this.document.errors.map((error) =>
      mistake(this.#place(this.#beginning(error)), {
        code: 'seed_syntax',
        // What follows a colon quotes the file, where a password may stand.
        what: `The file is not valid YAML: ${error.message.replace(/: ".*/s, '').replace(/[.\s]+$/, '')}.`,
        next: ['Look at the line and the one above it: often a quote is missing, or the indentation is off'],
      }),
    );
  }

  /** An open quote is noticed at the end of the file; what is wrong is where it begins. */
  #beginning({ code, pos: [offset] }: YAMLError): number {
    let found = offset;
    if (code === 'MISSING_CHAR') {
      visit(this.document, {
        Scalar: (_key, { type, range }) => {
          const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
          if (isQuoted && range && range[0] < offset && range[1] >= offset) found = range[0];
        },
      });
    }
    return found;
  }

  /** @throws DevenvError `seed_syntax` for an alias that leads nowhere, or into itself. */
  node(node: Node): SeedNode {
    const place = this.#place(node.range?.[0] ?? 0);
    if (isAlias(node)) {
      const target = this.#aliases.targets.get(node);
      if (target === undefined) throw unknownAlias(place, node.source);
      return this.node(target);
    }
    if (isMap(node)) {
      const isRefused = node.items.some(({ key }) => !isScalar(key));
      return { kind: 'mapping', entries: this.#entries(node), place, ...(isRefused ? { isRefused } : {}) };
    }
    if (isSeq(node)) {
      const items = node.items.flatMap((item) => (isNode(item) ? [this.node(item)] : []));
      return { kind: 'list', items, place };
    }
    return this.#scalar(node, place);
  }

  #entries(map: YAMLMap): Map<string, MappingEntry> {
    const entries = new Map<string, MappingEntry>();
    const merged: Map<string, MappingEntry>[] = [];
    for (const pair of map.items) {
      const key = pair.key as Scalar;
      const place = this.#place(key.range?.[0] ?? 0);
      if (!isScalar(key)) {
        this.errors.push(keyIsNoText(place));
      } else if (isMergeKey(key)) {
        merged.push(...this.#merged(pair));
      } else if (entries.has(keyText(key))) {
        this.errors.push(duplicateKey(place, keyText(key), entries.get(keyText(key))?.place));
      } else {
        entries.set(keyText(key), { place, node: this.#valueOf(pair, place) });
      }
    }
    for (const [name, entry] of merged.flatMap((each) => [...each])) {
      if (!entries.has(name)) entries.set(name, entry);
    }
    return entries;
  }

  #valueOf(pair: Pair, place: SourceLocation): SeedNode {
    return isNode(pair.value) ? this.node(pair.value) : { kind: 'plain', json: 'null', place };
  }

  /** `<<: *anchor`, or a list of them. */
  #merged(pair: Pair): Map<string, MappingEntry>[] {
    if (!isNode(pair.value)) return [];
    const node = this.node(pair.value);
    const sources = node.kind === 'list' ? node.items : [node];
    return sources.flatMap((each) => (each.kind === 'mapping' ? [new Map(each.entries)] : []));
  }

  #scalar(scalar: Scalar, place: SourceLocation): SeedNode {
    const { value, tag } = scalar;
    if (typeof value === 'string') {
      const isJson = tag === '!json';
      return {
        kind: 'text',
        text: value,
        place,
        isLiteral: false,
        isSecret: false,
        ...(isJson ? { isJson } : {}),
      };
    }
    if (value === null || value === undefined) return { kind: 'plain', json: 'null', place };
    if (typeof value === 'boolean' || typeof value === 'bigint')
      return { kind: 'plain', json: String(value), place };
    if (typeof value === 'number' && Number.isFinite(value))
      return { kind: 'plain', json: floatText(scalar.source, value), place };
    this.errors.push(notInJson(place));
    return { kind: 'plain', json: 'null', place, isRefused: true };
  }

  #place(offset: number): SourceLocation {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/** Outside its texts a tab of JSON is a blank; YAML's indentation must have none. */
function readable(file: string, text: string): string {
  return file.endsWith('.json') ? text.replaceAll('\t', ' ') : text;
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isMap(value) || isSeq(value) || isScalar(value);
}

function isMergeKey(key: Scalar): boolean {
  return key.source === '<<' && key.type === 'PLAIN';
}

function keyText(key: Scalar): string {
  const { value } = key;
  if (typeof value === 'string') return value;
  return value === null ? 'null' : (key.source ?? 'null');
}

/** As JSON writes it, and with a point or an exponent: Python makes an integer of it otherwise. */
function floatText(source: string | undefined, value: number): string {
  if (source !== undefined && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(source)) return source;
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function duplicateKey(place: SourceLocation, key: string, first: SourceLocation | undefined): DevenvError {
  return mistake(place, {
    code: 'seed_duplicate_key',
    what: `The key "${key}" is there twice.`,
    ...(first === undefined
      ? {}
      : { why: `The first one, at line ${first.line}, counts; this one does not.` }),
    next: ['Keep one of the two'],
  });
}

function keyIsNoText(place: SourceLocation): DevenvError {
  return mistake(place, { code: 'seed_wrong_value', what: 'A key must be a text or a number.' });
}

function notInJson(place: SourceLocation): DevenvError {
  return mistake(place, {
    code: 'seed_wrong_value',
    what: 'This is a number that JSON does not have.',
    next: ['Quote it to keep it as text'],
  });
}

function unknownAlias(place: SourceLocation, name: string): DevenvError {
  return mistake(place, {
    code: 'seed_syntax',
    what: `There is no anchor &${name} above this alias, or it stands inside of it.`,
  });
}

function tooLarge(place: SourceLocation): DevenvError {
  return mistake(place, {
    code: 'seed_syntax',
    what: 'This file holds more than can be read.',
    why: `Aliases of aliases multiply to more than ${MOST_UNFOLDED} values, or 500 of them are inside of each other.`,
  });
}
