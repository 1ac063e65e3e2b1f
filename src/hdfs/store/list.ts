import { checkAccess, EXECUTE, READ } from './access.ts';
import type { Caller } from './caller.ts';
import { compareChildren } from './compareFolder.ts';
import type { Inode } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { indexAfter, sortedChildren } from './nameOrder.ts';
import { snapshotFolderStatus, snapshotRoots } from './snapshotFolder.ts';
import type { Store } from './store.ts';

/** @throws RemoteException FileNotFoundException, AccessControlException */
export function fileStatus(store: Store, caller: Caller, path: string): Inode {
  const place = lookUp(store, caller, path, 'read');
  if (place.snapshotsOf !== undefined) return snapshotFolderStatus(place.snapshotsOf, place.path);
  return existing(place, (missing) => `File does not exist: ${missing}`);
}

export interface Listing {
  readonly entries: readonly Inode[];
  /** The path is a file, which lists as itself. */
  readonly isFile: boolean;
  /** How many come after these. */
  readonly remaining: number;
}

/**
 * The entries of a directory in HDFS' order.
 *
 * @param after the name to go on after; empty for the start.
 * @throws RemoteException FileNotFoundException, AccessControlException
 */
export function listDirectory(
  store: Store,
  caller: Caller,
  path: string,
  after = '',
  most = Number.POSITIVE_INFINITY,
): Listing {
  const place = lookUp(store, caller, path, 'read');
  const found = place.snapshotsOf ?? existing(place, (missing) => `File ${missing} does not exist.`);
  if (found.kind === 'file') return { entries: [found], isFile: true, remaining: 0 };
  if (!caller.isSuper && place.snapshotsOf === undefined) checkAccess(caller, found, READ | EXECUTE);
  compareChildren(store, found);
  const all = place.snapshotsOf === undefined ? sortedChildren(found) : snapshotRoots(found);
  const start = after === '' ? 0 : indexAfter(all, after);
  const end = Math.min(all.length, start + most);
  const entries = start === 0 && end === all.length ? all : all.slice(start, end);
  return { entries, isFile: false, remaining: all.length - end };
}
