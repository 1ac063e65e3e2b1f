import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { errorCode } from '../../platform/fileSystemError.ts';
import { decryptText, encryptText } from './age.ts';
import { readIdentities } from './ageIdentity.ts';
import { SecretsDocument, type SecretLeaf, type SecretPath } from './secretsDocument.ts';

/** What a secret is, decrypted. */
export interface SecretValue {
  readonly path: SecretPath;
  readonly text: string;
  readonly isJson: boolean;
  /** Whether it is encrypted in the file. */
  readonly isEncrypted: boolean;
}

/** The file of a project's secrets: the one that `devenv.yaml` names, else `seed/secrets.age.yaml`. */
export function secretsFile(project: Pick<Project, 'seed' | 'root'>): string {
  const named = project.seed?.find((each) => /\.age\.ya?ml$/.test(each.path));
  return named?.path ?? path.join(project.root, 'seed', 'secrets.age.yaml');
}

/** @throws DevenvError `secrets_file_missing` (misuse), `seed_syntax`. */
export async function openSecrets(file: string): Promise<SecretsDocument> {
  try {
    return new SecretsDocument(file, await readFile(file, 'utf8'));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new DevenvError({
      code: 'secrets_file_missing',
      what: `There is no file of secrets ${file}.`,
      next: ['devenv secrets init makes it'],
      misuse: true,
      cause: error,
    });
  }
}

/** Everything in it is encrypted; Git and colleagues may read it. */
export async function saveSecrets(file: string, document: SecretsDocument): Promise<void> {
  await writeFileAtomic(file, document.toString(), 0o644);
}

/** @throws DevenvError `age_*` with the place of the value. */
export async function decryptLeaf(env: Context['env'], leaf: SecretLeaf): Promise<SecretValue> {
  const text = leaf.isEncrypted
    ? await decryptText(leaf.text, await readIdentities(env), leaf.place)
    : leaf.text;
  return { path: leaf.path, text, isJson: leaf.isJson, isEncrypted: leaf.isEncrypted };
}

/** Writes a value, encrypted for the recipients of the file. */
export async function setSecret(
  document: SecretsDocument,
  path_: SecretPath,
  value: Pick<SecretValue, 'text' | 'isJson'>,
): Promise<void> {
  const text = await encryptText(value.text, checkedRecipients(document.recipients));
  document.set(path_, { text, isJson: value.isJson, isEncrypted: true });
}

/** @throws DevenvError `age_recipient_invalid` (misuse). */
export function checkedRecipients(recipients: readonly string[]): readonly string[] {
  const wrong = recipients.find((each) => !/^age1(pq1)?[0-9a-z]+$/.test(each));
  if (recipients.length > 0 && wrong === undefined) return recipients;
  throw new DevenvError({
    code: 'age_recipient_invalid',
    what: wrong === undefined ? 'The file of secrets has no recipients.' : `"${wrong}" is no age recipient.`,
    why: 'A recipient begins with age1; devenv secrets list prints your own.',
    next: ['devenv secrets rekey --add age1…'],
    misuse: true,
  });
}

/** Encrypts everything anew for other recipients. */
export async function rekeySecrets(
  env: Context['env'],
  document: SecretsDocument,
  recipients: readonly string[],
): Promise<number> {
  const leaves = document.leaves().filter((each) => each.isEncrypted);
  checkedRecipients(recipients);
  const values = await Promise.all(leaves.map((leaf) => decryptLeaf(env, leaf)));
  document.setRecipients(recipients);
  for (const value of values) await setSecret(document, value.path, value);
  return values.length;
}
