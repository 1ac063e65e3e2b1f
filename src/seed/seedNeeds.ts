import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { readNeed, type TrustNeed } from '../trust/trustNeed.ts';
import { projectResolver } from './resolver.ts';
import { seedFiles } from './seedFiles.ts';
import type { SeedNode, TextNode } from './seedItem.ts';
import { readSources } from './seedSources.ts';

/**
 * What the seed files of a project would run, and read outside of it. Nothing of it is done; files that are not
 * trusted themselves are not looked into.
 */
export async function seedNeeds(
  context: Pick<Context, 'env' | 'platform' | 'signal'>,
  project: Project,
): Promise<TrustNeed[]> {
  const resolver = projectResolver(context, project, () => {});
  const files = (await seedFiles(project)).map(async ({ path: file, namedAt }) =>
    readNeed(project, file, namedAt ?? { file }),
  );
  const { items } = await readSources(project, resolver);
  const texts = items.flatMap((item) => [...item.fields.values()].flatMap(textsIn));
  const references = await Promise.all(texts.map(async ({ text, place }) => resolver.need(text, place)));
  const found = [...(await Promise.all(files)), ...resolver.refused(), ...references].filter(
    (each) => each !== undefined,
  );
  const seen = new Set<string>();
  return found.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}

function textsIn(node: SeedNode): TextNode[] {
  if (node.kind === 'text') return node.isLiteral ? [] : [node];
  if (node.kind === 'plain') return [];
  if (node.kind === 'list') return node.items.flatMap(textsIn);
  return [...node.entries.values()].flatMap((entry) => textsIn(entry.node));
}
