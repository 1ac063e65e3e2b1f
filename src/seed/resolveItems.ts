import { DevenvError } from '../errors.ts';
import { parsedJson } from './nodeJson.ts';
import type { Resolver } from './resolver.ts';
import type { MappingEntry, RawItem, SeedNode, TextNode } from './seedItem.ts';
import type { SeedProblem } from './seedProblem.ts';

export interface ResolvedItems {
  readonly items: readonly RawItem[];
  readonly problems: readonly SeedProblem[];
}

/** All references of all items, at the same time. An item of which one fails is left out, with a problem for each. */
export async function resolveItems(resolver: Resolver, items: readonly RawItem[]): Promise<ResolvedItems> {
  const problems: SeedProblem[] = [];
  const resolved = await Promise.all(
    items.map(async (item) => {
      const errors: DevenvError[] = [];
      const fields = await resolveFields(resolver, item, errors);
      problems.push(...errors.map((error) => ({ item, error })));
      return errors.length === 0 ? [{ ...item, fields }] : [];
    }),
  );
  return { items: resolved.flat(), problems };
}

async function resolveFields(
  resolver: Resolver,
  item: RawItem,
  errors: DevenvError[],
): Promise<Map<string, SeedNode>> {
  const pairs = await Promise.all(
    [...item.fields].map(async ([name, node]) => [name, await resolveNode(resolver, node, errors)] as const),
  );
  return new Map(pairs);
}

async function resolveNode(resolver: Resolver, node: SeedNode, errors: DevenvError[]): Promise<SeedNode> {
  if (node.kind === 'plain') return node;
  if (node.kind === 'text') return resolveText(resolver, node, errors);
  if (node.kind === 'list') {
    return {
      ...node,
      items: await Promise.all(node.items.map((each) => resolveNode(resolver, each, errors))),
    };
  }
  const entries = await Promise.all(
    [...node.entries].map(async ([name, entry]): Promise<[string, MappingEntry]> => [
      name,
      { ...entry, node: await resolveNode(resolver, entry.node, errors) },
    ]),
  );
  return { ...node, entries: new Map(entries) };
}

async function resolveText(resolver: Resolver, node: TextNode, errors: DevenvError[]): Promise<SeedNode> {
  if (node.isLiteral) return node;
  try {
    const { text, isSecret } = await resolver.resolve(node.text, node.place);
    // Of a file that is encrypted as a whole: nothing in it names a secret, each text is one.
    if (node.isSecret && !isSecret) resolver.hide(text);
    const resolved = { ...node, text, isSecret: isSecret || node.isSecret, isLiteral: true };
    return node.isJson === true ? parsedJson(resolved) : resolved;
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code === 'interrupted') throw error;
    errors.push(placed(error, node));
    return node;
  }
}

/** What was found out about the machine is told at the value that needed it. */
function placed(error: DevenvError, { place }: TextNode): DevenvError {
  if (error.location !== undefined) return error;
  const { code, what, why, next, misuse } = error;
  return new DevenvError({
    code,
    what,
    ...(why === undefined ? {} : { why }),
    next,
    misuse,
    location: place,
    cause: error,
  });
}
