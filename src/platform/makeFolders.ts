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
    await mkdir(directory, { mode });
    return directory;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(directory)).isDirectory()) return undefined;
    if (errorCode(error) !== 'ENOENT' || existsSync(path.dirname(directory))) throw error;
  }
  const first = await makeFolders(path.dirname(directory), mode);
  const last = await makeFolders(directory, mode);
  return first ?? last;
}

/** As `makeFolders`, where nothing else can be done meanwhile. */
export function makeFoldersSync(directory: string, mode: number): void {
  try {
    mkdirSync(directory, { mode });
    return;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && statSync(directory).isDirectory()) return;
    if (errorCode(error) !== 'ENOENT' || existsSync(path.dirname(directory))) throw error;
  }
  makeFoldersSync(path.dirname(directory), mode);
  makeFoldersSync(directory, mode);
}
