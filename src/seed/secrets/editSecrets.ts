import { Document, parseDocument, Scalar } from 'yaml';
import { nodeJson } from '../nodeJson.ts';
import { readYaml } from '../readYaml.ts';
import type { SecretsDocument, SecretPath } from './secretsDocument.ts';
import { setSecret, type SecretValue } from './secretsFile.ts';
import { PLAIN_FIELDS } from './secretPath.ts';
import type { SeedNode } from '../seedItem.ts';
import { mistake } from '../seedProblem.ts';

const HEAD = ` Secrets in the clear. Save and close to encrypt what you have changed.
 This file is wiped when the editor ends.`;

/** What a person edits: the same keys, decrypted. */
export function plainText(values: readonly SecretValue[]): string {
  const document = new Document({ variables: {}, connections: {} });
  document.commentBefore = HEAD;
  for (const { path, text, isJson } of values) {
    document.setIn(path, isJson ? jsonNode(text) : textNode(text));
  }
  return document.toString({ lineWidth: 0 });
}

function jsonNode(text: string): unknown {
  return parseDocument(text, { intAsBigInt: true }).contents;
}

function textNode(text: string): Scalar {
  const scalar = new Scalar(text);
  if (text.includes('\n')) scalar.type = 'BLOCK_LITERAL';
  return scalar;
}

export interface EditResult {
  readonly changed: readonly SecretPath[];
  readonly removed: readonly SecretPath[];
}

/**
 * Brings the file to what the person has made of it. What has not changed keeps its encrypted form, so that Git
 * shows only what has.
 *
 * @throws DevenvError `seed_syntax`, `seed_wrong_value`, `seed_duplicate_key` (misuse).
 */
export async function applyEdit(
  document: SecretsDocument,
  before: readonly SecretValue[],
  file: string,
  text: string,
): Promise<EditResult> {
  const after = editedValues(file, text);
  const known = new Map(before.map((value) => [JSON.stringify(value.path), value]));
  const changed: SecretPath[] = [];
  for (const { path, text: now, isJson } of after) {
    const old = known.get(JSON.stringify(path));
    known.delete(JSON.stringify(path));
    if (old !== undefined && isSame(old, { text: now, isJson })) continue;
    changed.push(path);
    const isPlain = old === undefined ? isPlainField(path) : !old.isEncrypted;
    if (isPlain) document.set(path, { text: now, isJson, isEncrypted: false });
    else await setSecret(document, path, { text: now, isJson });
  }
  const removed = [...known.values()].map((each) => each.path);
  for (const path of removed) document.delete(path);
  return { changed, removed };
}

/** Every leaf of a plain file: whole values of variables, fields of connections, keys of their extra. */
function editedValues(file: string, text: string): Omit<SecretValue, 'isEncrypted'>[] {
  const { root, errors } = readYaml(file, text);
  if (errors[0] !== undefined) throw errors[0];
  if (root === undefined || (root.kind === 'plain' && root.json === 'null')) return [];
  return ['variables', 'connections'].flatMap((section) => {
    const node = root.kind === 'mapping' ? root.entries.get(section)?.node : undefined;
    if (node === undefined || (node.kind === 'plain' && node.json === 'null')) return [];
    if (node.kind !== 'mapping') {
      throw mistake(node.place, { code: 'seed_wrong_value', what: `${section} must be a mapping.` });
    }
    return leavesOf(node, [section], section === 'variables' ? 2 : 4);
  });
}

/** @param depth names in a path at most; what is deeper is one value. */
function leavesOf(node: SeedNode, path: SecretPath, depth: number): Omit<SecretValue, 'isEncrypted'>[] {
  const isField = path[0] === 'connections' && path.length === 3 && path[2] !== 'extra';
  if (node.kind === 'mapping' && path.length < depth && !isField) {
    return [...node.entries].flatMap(([name, entry]) => leavesOf(entry.node, [...path, name], depth));
  }
  if (node.kind === 'text') return [{ path, text: node.text, isJson: false }];
  return [{ path, text: nodeJson(node), isJson: true }];
}

export function isPlainField(path: SecretPath): boolean {
  return path[0] === 'connections' && path.length === 3 && PLAIN_FIELDS.has(path[2] ?? '');
}

function isSame(old: SecretValue, now: Pick<SecretValue, 'text' | 'isJson'>): boolean {
  if (old.isJson !== now.isJson) return false;
  return old.text === now.text || (now.isJson && compact(old.text) === compact(now.text));
}

function compact(text: string): string {
  const { root } = readYaml('value.json', text);
  return root === undefined ? text : nodeJson(root);
}
