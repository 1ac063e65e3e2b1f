import { rmdirSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

const LOOK_MS = 500;

/** A folder as it was when it was first looked at. */
export interface FolderPresence {
  /** Whether it has been removed, moved away or replaced by another one. A disk that does not answer is no proof. */
  isGone(): boolean;
  /** Calls back once, when two looks in a row have not found it. @returns ends the looking. */
  watch(onGone: () => void): () => void;
}

export function folderPresence(folder: string): FolderPresence {
  const before = identityOf(folder);
  const isGone = (): boolean => {
    const now = identityOf(folder);
    return now !== UNKNOWN && before !== UNKNOWN && now !== before;
  };
  return {
    isGone,
    watch(onGone) {
      let missed = 0;
      const timer = setInterval(() => {
        missed = isGone() ? missed + 1 : 0;
        if (missed < 2) return;
        clearInterval(timer);
        onGone();
      }, LOOK_MS);
      return () => clearInterval(timer);
    },
  };
}

const UNKNOWN = 'unknown';

function identityOf(folder: string): string {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    return found === undefined ? 'nothing' : `${found.dev} ${found.ino}`;
  } catch {
    return UNKNOWN;
  }
}

/** What makes a `.devenv` worth keeping: it is of a project again. */
const VALUABLE = ['keys.json', 'postgres', 'hdfs', 'snapshots'];

/**
 * Removes what the last writes of a stack have made again of a project that is gone: a `.devenv` with nothing of worth
 * in it, and its folder when nothing else is there.
 */
export async function removeRemains(root: string, stateDirectory: string): Promise<void> {
  const names = await readdir(stateDirectory).catch(() => undefined);
  if (names === undefined || names.some((name) => VALUABLE.includes(name) || name.endsWith('.db'))) return;
  await rm(stateDirectory, { recursive: true, force: true });
  try {
    if (path.dirname(stateDirectory) === root) rmdirSync(root);
  } catch {
    // There is something in it: a new project.
  }
}
