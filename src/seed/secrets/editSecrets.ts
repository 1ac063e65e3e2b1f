import { Document, parseDocument, Scalar } from 'yaml';
import type { DevenvError } from '../../errors.ts';
import { nodeJson } from '../nodeJson.ts';
import { readYaml } from '../readYaml.ts';
import type { SecretLeaf, SecretsDocument, SecretPath } from './secretsDocument.ts';
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

export interface SecretChange {
  readonly path: SecretPath;
  /** Undefined for what was removed. */
  readonly value: SecretValue | undefined;
}

/**
 * What a person has changed in the text.
 *
 * @throws DevenvError `seed_syntax`, `seed_wrong_value`, `seed_duplicate_key`, `seed_unknown_key` (misuse).
 */
export function editChanges(before: readonly SecretValue[], file: string, text: string): SecretChange[] {
  const after = editedValues(file, text);
  const known = new Map(before.map((value) => [keyOf(value.path), value]));
  const changes: SecretChange[] = [];
  for (const { path, text: now, isJson } of after) {
    const old = known.get(keyOf(path));
    known.delete(keyOf(path));
    if (old !== undefined && isSame(old, { text: now, isJson })) continue;
    const isEncrypted = old === undefined ? !isPlainField(path) : old.isEncrypted;
    changes.push({ path, value: { path, text: now, isJson, isEncrypted } });
  }
  return [...changes, ...[...known.values()].map(({ path }) => ({ path, value: undefined }))];
}

/** Brings them into the file. What has not changed keeps its encrypted form, so that Git shows only what has. */
export async function applyChanges(
  document: SecretsDocument,
  changes: readonly SecretChange[],
): Promise<void> {
  for (const { path, value } of changes) {
    if (value === undefined) document.delete(path);
    else if (value.isEncrypted) await setSecret(document, path, value);
    else document.set(path, value);
  }
}

/** What stands in the file for each secret, encrypted: two that are the same there were not changed in between. */
export function storedTexts(leaves: readonly SecretLeaf[]): Map<string, string> {
  return new Map(leaves.map(({ path, text, isJson }) => [keyOf(path), `${isJson} ${text}`]));
}

/** Changes of secrets that the file no longer has as they were when the edit began. */
export function conflictingChanges(
  changes: readonly SecretChange[],
  began: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): SecretChange[] {
  return changes.filter(({ path, value }) => {
    const [old, present] = [began.get(keyOf(path)), now.get(keyOf(path))];
    return old !== present && !(value === undefined && present === undefined);
  });
}

export function keyOf(path: SecretPath): string {
  return JSON.stringify(path);
}

/** Every leaf of a plain file: whole values of variables, fields of connections, keys of their extra. */
function editedValues(file: string, text: string): Omit<SecretValue, 'isEncrypted'>[] {
  const { root, errors } = readYaml(file, text);
  if (errors[0] !== undefined) throw errors[0];
  if (root === undefined || (root.kind === 'plain' && root.json === 'null')) return [];
  if (root.kind !== 'mapping') {
    throw mistake(root.place, {
      code: 'seed_wrong_value',
      what: 'The text has neither variables: nor connections:.',
    });
  }
  return [...root.entries].flatMap(([section, { place, node }]) => {
    if (section !== 'variables' && section !== 'connections') throw unknownSection(section, place);
    if (node.kind === 'plain' && node.json === 'null') return [];
    if (node.kind !== 'mapping') {
      throw mistake(node.place, { code: 'seed_wrong_value', what: `${section} must be a mapping.` });
    }
    return leavesOf(node, [section], section === 'variables' ? 2 : 4);
  });
}

/** Passed over it would remove all that stands below it. */
function unknownSection(section: string, place: Parameters<typeof mistake>[0]): DevenvError {
  return mistake(place, {
    code: 'seed_unknown_key',
    what: `"${section}" means nothing here.`,
    next: ['Secrets stand below variables: and connections:'],
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
