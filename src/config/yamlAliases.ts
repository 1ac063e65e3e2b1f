import { isAlias, isMap, isPair, isSeq, type Alias, type Document, type Node } from 'yaml';

/** Values that all aliases of a file may stand for, together: far beyond what a person writes. */
export const MOST_UNFOLDED = 100_000;
/** Levels; YAML of people has ten. */
const DEEPEST = 500;

export interface ResolvedAliases {
  /** What each alias stands for; undefined where there is no such anchor above it, or it stands inside of it. */
  readonly targets: ReadonlyMap<Alias, Node | undefined>;
  /** Where it is known that the file can't be read: aliases that multiply, or values too deep in each other. */
  readonly tooMuch: Node | undefined;
}

/** Looks at each node once, in their order, before any alias is unfolded. */
export function resolveAliases(document: Document): ResolvedAliases {
  const walk = new Walk();
  if (document.contents !== null) walk.sizeOf(document.contents, 0);
  return { targets: walk.targets, tooMuch: walk.tooMuch };
}

interface Anchored {
  readonly node: Node;
  /** Values that it stands for, unfolded; undefined while it is still being read. */
  readonly size: number | undefined;
}

class Walk {
  readonly targets = new Map<Alias, Node | undefined>();
  tooMuch: Node | undefined;
  readonly #anchors = new Map<string, Anchored>();
  #unfolded = 0;

  sizeOf(node: Node, depth: number): number {
    if (this.tooMuch !== undefined) return 0;
    if (depth > DEEPEST) this.tooMuch = node;
    if (isAlias(node)) return this.#alias(node);
    const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, { node, size: undefined });
    const size = childrenOf(node).reduce((sum, child) => sum + this.sizeOf(child, depth + 1), 1);
    if (anchor !== undefined) this.#anchors.set(anchor, { node, size });
    return size;
  }

  #alias(alias: Alias): number {
    const found = this.#anchors.get(alias.source);
    this.targets.set(alias, found?.size === undefined ? undefined : found.node);
    const size = found?.size ?? 1;
    this.#unfolded += size;
    if (this.#unfolded > MOST_UNFOLDED) this.tooMuch = alias;
    return size;
  }
}

function childrenOf(node: Node): Node[] {
  if (!isMap(node) && !isSeq(node)) return [];
  return node.items.flatMap((item) => (isPair(item) ? [item.key, item.value] : [item])).filter(isPresent);
}

function isPresent(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
