import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { decryptText, encryptText, type AgeIdentities } from './age.ts';

/** What somebody has typed and not brought into the file of secrets yet. */
export interface UnfinishedEdit {
  /** The file of secrets. */
  readonly file: string;
  /** That file, encrypted as it is, when the edit began. */
  readonly base: string;
  /** In the clear. */
  readonly text: string;
}

/**
 * Keeps an edit that could not be brought to its end, encrypted for the person who has typed it, with mode 0600.
 *
 * @returns the file.
 */
export async function keepEdit(
  stateDirectory: string,
  recipients: readonly string[],
  { file, base, text }: UnfinishedEdit,
): Promise<string> {
  const kept = path.join(stateDirectory, `secrets-edit-${randomUUID().slice(0, 8)}.age`);
  const encrypted = await encryptText(JSON.stringify({ v: 1, file, base, text }), recipients);
  await writeFileAtomic(kept, encrypted);
  return kept;
}

export interface KeptEdit extends UnfinishedEdit {
  /** The encrypted file that it was read from. */
  readonly kept: string;
  readonly since: Date;
}

/**
 * The latest edit of this file of secrets that was kept.
 *
 * @throws DevenvError `age_identity_wrong` when it was encrypted for another identity, `age_value_damaged`.
 */
export async function readKeptEdit(
  stateDirectory: string,
  file: string,
  identities: AgeIdentities,
): Promise<KeptEdit | undefined> {
  for (const { kept, since } of await keptFiles(stateDirectory)) {
    const text = await decryptText(await readFile(kept, 'utf8'), identities, { file: kept });
    const found = JSON.parse(text) as UnfinishedEdit;
    if (found.file === file) return { ...found, kept, since };
  }
  return undefined;
}

export async function forgetKeptEdit(kept: string): Promise<void> {
  await rm(kept, { force: true });
}

/** Newest first. */
async function keptFiles(stateDirectory: string): Promise<{ kept: string; since: Date }[]> {
  const names = await readdir(stateDirectory).catch((): string[] => []);
  const files = names
    .filter((name) => KEPT.test(name))
    .map(async (name) => {
      const kept = path.join(stateDirectory, name);
      return { kept, since: (await stat(kept)).mtime };
    });
  return (await Promise.all(files)).toSorted((left, right) => right.since.getTime() - left.since.getTime());
}

const KEPT = /^secrets-edit-[\da-f]{8}\.age$/;
