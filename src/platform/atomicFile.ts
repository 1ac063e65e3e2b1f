import { randomUUID } from 'node:crypto';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileSystemError } from './fileSystemError.ts';
import { makePrivateFolder } from './privateFolder.ts';

/**
 * Writes a file so that a reader sees the old contents or the new, never a part. Missing folders are made
 * with mode 0700.
 *
 * @throws DevenvError `disk_full`, `not_writable`.
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const directory = path.dirname(file);
  const aside = path.join(directory, `.${path.basename(file)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await makePrivateFolder(directory);
    await writeFile(aside, data, { mode, flag: 'wx' });
    // The umask may have taken bits away that the caller asked for.
    if ((mode & 0o077) !== 0) await chmod(aside, mode);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw fileSystemError(error, 'write the file', file);
  }
}
