import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Of a project: everything that devenv keeps of it lies there. */
const STATE_FOLDER = '.devenv';

/**
 * Makes a folder that only this user may enter, and those above it that are missing. A project's `.devenv` among them
 * is ignored by Git from its first moment, whichever command makes it: its keys and its database are nobody else's.
 *
 * @throws Error of the system, as `EACCES`.
 */
export async function makePrivateFolder(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path.resolve(directory); made.length >= first.length; made = path.dirname(made)) {
    if (path.basename(made) === STATE_FOLDER) await writeFile(path.join(made, '.gitignore'), '*\n');
  }
}
