import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes files with mode 0600 into a new folder with mode 0700, one after the other.
 *
 * @param parent a folder that belongs to this user; in memory where the system has such.
 * @returns the folder.
 */
export async function writePrivateFolder(
  parent: string,
  prefix: string,
  files: readonly (readonly [name: string, text: string])[],
): Promise<string> {
  const folder = mkdtempSync(path.join(parent, prefix));
  try {
    for (const [name, text] of files)
      await writeFile(path.join(folder, name), text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    wipeFolder(folder);
    throw error;
  }
  return folder;
}

/** Overwrites its files, also what an editor left there, and removes all. At once, so that a signal can do it. */
export function wipeFolder(folder: string): void {
  try {
    for (const name of readdirSync(folder)) overwrite(path.join(folder, name));
  } catch {
    // It is gone already.
  }
  rmSync(folder, { recursive: true, force: true });
}

function overwrite(file: string): void {
  try {
    // What a link leads to is not ours.
    const descriptor = openSync(file, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      const { size } = fstatSync(descriptor);
      writeSync(descriptor, Buffer.alloc(size), 0, size, 0);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A folder, or gone meanwhile: it is removed with the rest.
  }
}
