import { readFile } from 'node:fs/promises';
import path from 'node:path';
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

export async function keysFingerprint(directory: string): Promise<string> {
  return fingerprintOf(await readFile(keysFile(directory), 'utf8').catch(() => ''));
}

function fingerprintOf(text: string): string {
  try {
    const { fernet } = JSON.parse(text) as { readonly fernet?: string };
    return fernet === undefined ? '' : keyFingerprint(fernet);
  } catch {
    return '';
  }
}
