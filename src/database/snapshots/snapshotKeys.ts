import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decryptFernet, encryptFernet } from '../../airflow/fernet.ts';
import { hiddenTextsFile } from '../../airflow/hiddenTexts.ts';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { keyFingerprint } from './snapshotRecord.ts';

/** Beside the database go the keys that its values are encrypted with; both files are 0600. */
function keysFile(directory: string): string {
  return path.join(directory, 'keys.json');
}

/** @returns their fingerprint; an empty text when there are none. */
export async function copyKeys(from: string, to: string): Promise<string> {
  const text = await readFile(keysFile(from), 'utf8').catch(() => undefined);
  if (text === undefined) return '';
  await writeFileAtomic(keysFile(to), text);
  return fingerprintOf(text);
}

/**
 * What was seeded as a secret stays hidden after the keys of a snapshot have taken the place of the project's: it is
 * encrypted with them. Its rows of the snapshot may have any of it again. May be called again after a kill.
 */
export async function keepHiddenTexts(folder: string, stateDirectory: string): Promise<void> {
  const file = hiddenTextsFile(stateDirectory);
  const token = await readFile(file, 'utf8').catch(() => undefined);
  const [next, present] = await Promise.all([fernetKey(folder), fernetKey(stateDirectory)]);
  if (token === undefined || present === undefined) return;
  const text = decrypted(token, present) ?? (next === undefined ? undefined : decrypted(token, next));
  if (text === undefined) return;
  const content = JSON.parse(text) as { readonly absent_since?: Readonly<Record<string, unknown>> };
  const texts = Object.keys(content.absent_since ?? {});
  const kept = { ...content, absent_since: Object.fromEntries(texts.map((each) => [each, null])) };
  await writeFileAtomic(file, encryptFernet(JSON.stringify(kept), next ?? present));
}

function decrypted(token: string, key: string): string | undefined {
  try {
    return decryptFernet(token, key);
  } catch {
    // Of another key.
    return undefined;
  }
}

async function fernetKey(directory: string): Promise<string | undefined> {
  return fernetIn(await readFile(keysFile(directory), 'utf8').catch(() => ''));
}

function fernetIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly fernet?: string }).fernet;
  } catch {
    return undefined;
  }
}

export async function keysFingerprint(directory: string): Promise<string> {
  return fingerprintOf(await readFile(keysFile(directory), 'utf8').catch(() => ''));
}

function fingerprintOf(text: string): string {
  const fernet = fernetIn(text);
  return fernet === undefined ? '' : keyFingerprint(fernet);
}
