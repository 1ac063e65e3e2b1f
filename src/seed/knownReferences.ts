import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { isEncrypted } from './secrets/age.ts';
import { referenceOf } from './references.ts';
import { projectResolver, type Resolver } from './resolver.ts';
import type { SeedNode, TextNode } from './seedItem.ts';
import { readSources } from './seedSources.ts';

/** How the seed files write the secrets that they have by reference. */
export class KnownReferences {
  readonly #byText: ReadonlyMap<string, string>;

  private constructor(byText: ReadonlyMap<string, string>) {
    this.#byText = byText;
  }

  /** What can't be resolved now is left out. @param folder where the references are to be written. */
  static async of(context: Context, project: Project, folder: string): Promise<KnownReferences> {
    const resolver = projectResolver(context, project, () => {});
    const { items } = await readSources(project, resolver);
    const texts = items.flatMap((item) => [...item.fields.values()].flatMap(textsIn));
    const pairs = await Promise.all(texts.map(async (node) => resolvedPair(resolver, node, folder)));
    return new KnownReferences(new Map(pairs.flat()));
  }

  find(text: string): string | undefined {
    return this.#byText.get(text);
  }
}

async function resolvedPair(
  resolver: Resolver,
  node: TextNode,
  folder: string,
): Promise<(readonly [string, string])[]> {
  try {
    const { text, isSecret } = await resolver.resolve(node.text, node.place);
    const written = moved(node, folder);
    return isSecret && text !== '' && written !== undefined ? [[text, written]] : [];
  } catch (error) {
    if (error instanceof DevenvError && error.code !== 'interrupted') return [];
    throw error;
  }
}

/** Paths count from the file that has them; those in a command can't be told from its other words. */
function moved({ text, place }: TextNode, folder: string): string | undefined {
  const reference = isEncrypted(text) ? undefined : referenceOf(text);
  const from = path.dirname(place.file);
  if (reference?.kind === 'file' && !reference.path.startsWith('~')) {
    return `file:${path.relative(folder, path.resolve(from, reference.path))}`;
  }
  if (reference?.kind === 'tool' && reference.tool === 'sops') {
    return `sops:${path.relative(folder, path.resolve(from, reference.target))}`;
  }
  return reference?.kind === 'exec' && from !== folder ? undefined : text;
}

function textsIn(node: SeedNode): TextNode[] {
  if (node.kind === 'text') return node.isLiteral ? [] : [node];
  if (node.kind === 'plain') return [];
  if (node.kind === 'list') return node.items.flatMap(textsIn);
  return [...node.entries.values()].flatMap((entry) => textsIn(entry.node));
}
