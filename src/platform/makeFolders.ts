import { existsSync, mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './fileSystemError.ts';

/**
 * As Node's `mkdir` with `recursive`, which never comes back where the system answers `ENOENT` for a folder whose
 * parent is there: below /proc, and where an automounter has nothing of that name.
 *
 * @returns the first folder that was made, or undefined.
 * @throws Error of the system, as `EACCES`.
 */
export async function makeFolders(directory: string, mode: number): Promise<string | undefined> {
  try {
    return await makeFolder(directory, mode);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  // Another process may have made the parent meanwhile; then it is tried once more, and not again.
  const parent = path.dirname(directory);
  const first = existsSync(parent) ? undefined : await makeFolders(parent, mode);
  const last = await makeFolder(directory, mode);
  return first ?? last;
}

async function makeFolder(directory: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(directory, { mode });
    return directory;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(directory)).isDirectory()) return undefined;
    throw error;
  }
}

/** As `makeFolders`, where nothing else can be done meanwhile. */
export function makeFoldersSync(directory: string, mode: number): void {
  try {
    makeFolderSync(directory, mode);
    return;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const parent = path.dirname(directory);
  if (!existsSync(parent)) makeFoldersSync(parent, mode);
  makeFolderSync(directory, mode);
}

function makeFolderSync(directory: string, mode: number): void {
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || !statSync(directory).isDirectory()) throw error;
  }
}
