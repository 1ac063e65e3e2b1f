import { readYaml } from './readYaml.ts';
import type { SeedNode, TextNode } from './seedItem.ts';
import { mistake } from './seedProblem.ts';

/** A value as JSON; numbers as the file spells them. */
export function nodeJson(node: SeedNode): string {
  if (node.kind === 'text') return JSON.stringify(node.text);
  if (node.kind === 'plain') return node.json;
  if (node.kind === 'list') return `[${node.items.map(nodeJson).join(',')}]`;
  const entries = [...node.entries].map(
    ([name, { node: value }]) => `${JSON.stringify(name)}:${nodeJson(value)}`,
  );
  return `{${entries.join(',')}}`;
}

/** Whether any text in it must never be shown. */
export function hasSecret(node: SeedNode): boolean {
  if (node.kind === 'text') return node.isSecret;
  if (node.kind === 'plain') return false;
  if (node.kind === 'list') return node.items.some(hasSecret);
  return [...node.entries.values()].some((entry) => hasSecret(entry.node));
}

/** Whether something in it was refused while it was read. */
export function hasRefused(node: SeedNode): boolean {
  if (node.kind === 'text') return false;
  if (node.kind === 'plain' || (node.kind === 'mapping' && node.isRefused === true))
    return node.isRefused === true;
  if (node.kind === 'list') return node.items.some(hasRefused);
  return [...node.entries.values()].some((entry) => hasRefused(entry.node));
}

/**
 * The value that a JSON text means. Its texts are resolved when the text is.
 *
 * @throws DevenvError `seed_wrong_value` at the text; nothing of it is quoted.
 */
export function parsedJson(node: TextNode): SeedNode {
  try {
    JSON.parse(node.text);
  } catch {
    throw mistake(node.place, { code: 'seed_wrong_value', what: 'This text is meant as JSON and is not.' });
  }
  const { root } = readYaml(`${node.place.file}.json`, node.text);
  if (root === undefined) throw new Error('JSON that can not be read as YAML');
  return placedAt(root, node);
}

function placedAt(node: SeedNode, from: TextNode): SeedNode {
  const { place, isSecret, isLiteral } = from;
  if (node.kind === 'text') return { ...node, place, isSecret, isLiteral };
  if (node.kind === 'plain') return { ...node, place };
  if (node.kind === 'list') return { ...node, place, items: node.items.map((each) => placedAt(each, from)) };
  const entries = [...node.entries].map(
    ([name, entry]) => [name, { place, node: placedAt(entry.node, from) }] as const,
  );
  return { ...node, place, entries: new Map(entries) };
}
