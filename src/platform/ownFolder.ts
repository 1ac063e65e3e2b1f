import { chmodSync, lstatSync, type Stats } from 'node:fs';
import { makeFoldersSync } from './makeFolders.ts';

/**
 * Makes a folder that only this user may enter, where it is missing.
 *
 * @returns whether what is in it can be believed: a real folder of this user (or of root, who can do anything anyway)
 * in which no other user can put or replace anything. Rights of a group, as a mask of 002 gives them, are taken away.
 * False also where it can't be made.
 */
export function makeOwnFolder(directory: string): boolean {
  try {
    makeFoldersSync(directory, 0o700);
    const stat = lstatSync(directory);
    if (!isOwn(stat)) return false;
    if ((stat.mode & WRITABLE_BY_GROUP) !== 0) chmodSync(directory, 0o700);
    return true;
  } catch {
    return false;
  }
}

/** Whether a folder is there that another user may have made, or put something into. */
export function isForeignFolder(directory: string): boolean {
  const stat = lookAt(directory);
  return stat !== undefined && !isOwn(stat);
}

/** Nothing where none is, and where none can be. */
function lookAt(directory: string): Stats | undefined {
  try {
    return lstatSync(directory, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_OTHERS = 0o002;

function isOwn(stat: Stats): boolean {
  const owners = [process.getuid?.() ?? -1, 0];
  return stat.isDirectory() && owners.includes(stat.uid) && (stat.mode & WRITABLE_BY_OTHERS) === 0;
}
