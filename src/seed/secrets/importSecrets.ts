import type { SecretPath } from './secretsDocument.ts';
import type { SecretValue } from './secretsFile.ts';
import { nodeJson } from '../nodeJson.ts';
import { literalText, referenceOf, templateParts } from '../references.ts';
import type { RawItem, SeedNode } from '../seedItem.ts';
import { parseSource } from '../seedSources.ts';

type Imported = Omit<SecretValue, 'isEncrypted'>;

/**
 * What a seed file has in the clear, as secrets. References in it stay what they are.
 *
 * @throws DevenvError the first mistake in the file (misuse).
 */
export function importedValues(file: string, text: string): Imported[] {
  const { items, errors } = parseSource(file, text);
  if (errors[0] !== undefined) throw errors[0];
  return items.flatMap(valuesOf);
}

function valuesOf({ kind, name, fields }: RawItem): Imported[] {
  if (kind === 'pool') return [];
  if (kind === 'variable') {
    const value = fields.get('value');
    return value === undefined ? [] : [imported(['variables', name], value)];
  }
  return [...fields].flatMap(([field, node]) => {
    if (node.kind === 'plain' && node.json === 'null') return [];
    const path = ['connections', name, field];
    if (field !== 'extra' || node.kind !== 'mapping') return [imported(path, node)];
    return [...node.entries].map(([key, entry]) => imported([...path, key], entry.node));
  });
}

function imported(path: SecretPath, node: SeedNode): Imported {
  if (node.kind !== 'text') return { path, text: nodeJson(node), isJson: true };
  // What is encrypted is taken as it is: a reference in it would be plain text.
  const text = isReference(node.text) ? node.text : (literalText(node.text) ?? unescaped(node.text));
  return { path, text, isJson: false };
}

/** Whether a text stands for a value that is kept elsewhere. */
export function isReference(text: string): boolean {
  return referenceOf(text) !== undefined || templateParts(text).some((part) => typeof part !== 'string');
}

function unescaped(text: string): string {
  return templateParts(text)
    .filter((part) => typeof part === 'string')
    .join('');
}
