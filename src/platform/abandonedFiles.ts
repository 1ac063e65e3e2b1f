import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** What `writeFileAtomic` writes before it renames, and `withFileLock` before it links. */
const ABANDONED = /^\..+\.[0-9a-f]{8}\.tmp$|^.*lock\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** Younger ones may be in the making. */
const AGE_MS = 60_000;

/** Removes what killed commands have left in these folders of files that never got their name. */
export async function removeAbandonedFiles(folders: readonly string[], now: number): Promise<void> {
  await Promise.all(
    folders.map(async (folder) => {
      const names = (await readdir(folder).catch(() => [])).filter((name) => ABANDONED.test(name));
      for (const name of names) {
        const file = path.join(folder, name);
        const modified = (await stat(file).catch(() => undefined))?.mtimeMs ?? now;
        if (now - modified > AGE_MS) await rm(file, { force: true }).catch(() => {});
      }
    }),
  );
}
