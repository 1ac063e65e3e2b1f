import { randomUUID } from 'node:crypto';
import { chmod, link, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
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
const ASIDE = /^\..+\.[\da-f]{8}\.tmp$/;
/** A file aside is there for milliseconds; on a machine that sleeps in between, for longer. */
const OLD_MS = 60 * 60_000;

/** Removes what killed processes have left of files that they were writing in a folder. */
export async function removeStaleAsides(folder: string, now: number): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => ASIDE.test(name));
  for (const file of names.map((name) => path.join(folder, name))) {
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > OLD_MS) await rm(file, { force: true }).catch(() => {});
  }
}
