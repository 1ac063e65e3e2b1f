import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './fileSystemError.ts';
import { makeFolders } from './makeFolders.ts';

/** Of a project: everything that devenv keeps of it lies there. */
const STATE_FOLDER = '.devenv';

/**
 * Makes a folder that only this user may enter, and those above it that are missing. A project's `.devenv` among them
 * is ignored by Git from its first moment, whichever command makes it: its keys and its database are nobody else's.
 *
 * @throws Error of the system, as `EACCES`.
 */
export async function makePrivateFolder(directory: string): Promise<void> {
  const first = await makeFolders(path.resolve(directory), 0o700);
  const state = stateFolderIn(path.resolve(directory));
  if (state === undefined) return;
  if (first !== undefined && state.length >= first.length)
    await writeFile(path.join(state, '.gitignore'), '*\n');
  await hideFromAirflow(state);
}

function stateFolderIn(directory: string): string | undefined {
  const parts = directory.split(path.sep);
  const at = parts.lastIndexOf(STATE_FOLDER);
  return at === -1 ? undefined : parts.slice(0, at + 1).join(path.sep);
}

/**
 * Airflow's folder of DAGs may be the one around it: it would follow the link in its own logs and refuse to list the
 * folder. The pattern means everything both as a regular expression and as a glob.
 */
async function hideFromAirflow(state: string): Promise<void> {
  await writeFile(path.join(state, '.airflowignore'), '/*\n', { flag: 'wx', mode: 0o600 }).catch(
    (error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    },
  );
}
