import { randomUUID } from 'node:crypto';
import { chmod, link, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileSystemError } from './fileSystemError.ts';
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

/**
 * The same for a file that is not there yet.
 *
 * @returns false when there is one: it is left as it is.
 * @throws DevenvError `disk_full`, `not_writable`.
 */
export async function writeNewFile(file: string, data: string, mode = 0o600): Promise<boolean> {
  const directory = path.dirname(file);
  const aside = path.join(directory, `.${path.basename(file)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await makePrivateFolder(directory);
    await writeFile(aside, data, { mode, flag: 'wx' });
    if ((mode & 0o077) !== 0) await chmod(aside, mode);
    await link(aside, file).catch(async (error: unknown) => {
      if (!NO_HARD_LINKS.has(errorCode(error) ?? '')) throw error;
      await writeFile(file, data, { mode, flag: 'wx' });
    });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw fileSystemError(error, 'write the file', file);
  } finally {
    await rm(aside, { force: true }).catch(() => {});
  }
}

const NO_HARD_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EMLINK']);
