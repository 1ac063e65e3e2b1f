import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { writeFileAtomic, writeNewFile } from '../../platform/atomicFile.ts';
import { withFileLock } from '../../platform/fileLock.ts';
import { errorCode } from '../../platform/fileSystemError.ts';
import { checkRecipients, decryptText, encryptText } from './age.ts';
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

/** @throws DevenvError `secrets_file_missing`, `secrets_file_unreadable`, `seed_syntax` (all misuse). */
export async function openSecrets(file: string): Promise<SecretsDocument> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? missing(file, error) : unreadable(file, error);
  }
  return new SecretsDocument(file, text);
}

export interface SecretsLockOptions {
  readonly signal: AbortSignal;
  /** Gets a line when another process has held the file for 5 s. */
  readonly note: (line: string) => void;
}

/**
 * Reads the file, has it changed and writes it, while no other command does: the change of one is never lost to
 * that of another. The lock lies beside the file, since projects may share one.
 *
 * @param change gets the document as it is now; the file is left alone when it throws or changes nothing.
 * @throws DevenvError what `openSecrets` throws; `disk_full`, `not_writable`.
 */
export async function changeSecrets<T>(
  file: string,
  options: SecretsLockOptions,
  change: (document: SecretsDocument) => Promise<T>,
): Promise<T> {
  // No lock is made for a file that is not there, and none at a link that others reach the file by.
  await openSecrets(file);
  const target = await realpath(file);
  return withSecretsLock(target, options, async () => {
    const document = await openSecrets(target);
    const before = document.toString();
    const result = await change(document);
    if (document.toString() !== before) await saveSecrets(target, document);
    return result;
  });
}

const WAIT_NOTE_MS = 5_000;

async function withSecretsLock<T>(
  file: string,
  { signal, note }: SecretsLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const onWait = ({ pid }: { readonly pid: number }): void => {
    const words = `Waiting for process ${pid}, which is changing ${file} (ps -p ${pid} shows it; kill ${pid} ends it).`;
    timer = setTimeout(() => note(words), WAIT_NOTE_MS);
  };
  const lock = path.join(path.dirname(file), `.${path.basename(file)}.lock`);
  try {
    return await withFileLock(lock, { signal, onWait }, async () => {
      clearTimeout(timer);
      return await work();
    });
  } finally {
    clearTimeout(timer);
  }
}

/** @returns false when there is one already, which is left as it is. */
export async function createSecrets(file: string, recipients: readonly string[]): Promise<boolean> {
  await checkRecipients(checkedRecipients(recipients));
  return writeNewFile(file, SecretsDocument.create(file, recipients).toString(), 0o644);
}

/** Everything in it is encrypted; Git and colleagues may read it. Rights that the file has stay. */
async function saveSecrets(file: string, document: SecretsDocument): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  await writeFileAtomic(file, document.toString(), there === undefined ? 0o644 : there.mode & 0o777);
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

/** @throws DevenvError `age_recipient_invalid` (misuse) when there is none. */
export function checkedRecipients(recipients: readonly string[]): readonly string[] {
  if (recipients.length > 0) return recipients;
  throw new DevenvError({
    code: 'age_recipient_invalid',
    what: 'The file of secrets has no recipients.',
    why: 'A recipient begins with age1; devenv secrets list prints your own.',
    next: ['devenv secrets rekey --add age1…'],
    misuse: true,
  });
}

/** Encrypts everything again, for other recipients. */
export async function rekeySecrets(
  env: Context['env'],
  document: SecretsDocument,
  recipients: readonly string[],
): Promise<number> {
  const leaves = document.leaves().filter((each) => each.isEncrypted);
  await checkRecipients(checkedRecipients(recipients));
  const values = await Promise.all(leaves.map((leaf) => decryptLeaf(env, leaf)));
  document.setRecipients(recipients);
  for (const value of values) await setSecret(document, value.path, value);
  return values.length;
}

function missing(file: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'secrets_file_missing',
    what: `There is no file of secrets ${file}.`,
    next: ['devenv secrets init makes it'],
    misuse: true,
    cause,
  });
}

function unreadable(file: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'secrets_file_unreadable',
    what: `The file of secrets ${file} can't be read.`,
    why: `The system says ${errorCode(cause) ?? String(cause)}.`,
    next: ['Look at its mode and its owner: ls -ld, then chmod or chown'],
    misuse: true,
    cause,
  });
}
