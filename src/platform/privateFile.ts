import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A file that is there only for as long as somebody works on it. */
export interface PrivateFile {
  readonly path: string;
  read(): Promise<string>;
  /** Overwrites it, and what an editor left beside it, and removes all. At once, so that a signal can do it. */
  wipe(): void;
}

/**
 * Writes a file with mode 0600 in a folder of its own with mode 0700.
 *
 * @param parent a folder that belongs to this user; in memory where the system has such.
 */
export async function writePrivateFile(parent: string, name: string, text: string): Promise<PrivateFile> {
  const folder = mkdtempSync(path.join(parent, 'edit-'));
  const file = path.join(folder, name);
  const wipe = (): void => wipeFolder(folder);
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    wipe();
    throw error;
  }
  return { path: file, read: () => readFile(file, 'utf8'), wipe };
}

function wipeFolder(folder: string): void {
  try {
    for (const name of readdirSync(folder)) overwrite(path.join(folder, name));
  } catch {
    // It is gone already.
  }
  rmSync(folder, { recursive: true, force: true });
}

function overwrite(file: string): void {
  try {
    const size = statSync(file).size;
    const descriptor = openSync(file, 'r+');
    try {
      writeSync(descriptor, Buffer.alloc(size), 0, size, 0);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A folder, or gone meanwhile: it is removed with the rest.
  }
}
