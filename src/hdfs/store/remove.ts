import { checkAccess, checkSticky, EXECUTE, READ, WRITE } from './access.ts';
import type { Caller } from './caller.ts';
import { compareChildren } from './compareFolder.ts';
import { type DirectoryInode, type Inode, pathOf } from './inode.ts';
import { checkParent, lookUp } from './lookUp.ts';
import { sortedChildren } from './nameOrder.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';

/**
 * Removes a file or a directory.
 *
 * @returns false when there is nothing, and for the root.
 * @throws RemoteException PathIsNotEmptyDirectoryException, AccessControlException, SnapshotException
 */
export function remove(store: Store, caller: Caller, path: string, recursive: boolean): boolean {
  const place = lookUp(store, caller, path, 'write');
  const { inode } = place;
  if (inode?.kind === 'directory') {
    compareChildren(store, inode);
    if (!recursive && inode.children.size > 0) {
      throw new RemoteException(
        'PathIsNotEmptyDirectoryException',
        `\`${place.path} is non empty': Directory is not empty`,
      );
    }
  }
  checkParent(caller, place);
  if (inode?.parent === undefined) return false;
  if (inode.kind === 'directory') checkBelow(store, caller, inode);
  checkNoSnapshots(inode);
  commit(store, { op: 'delete', path: pathOf(inode), time: store.now() });
  return true;
}

/** What has snapshots stays where it is. @throws RemoteException SnapshotException */
export function checkNoSnapshots(inode: Inode): void {
  if (inode.kind !== 'directory') return;
  if (inode.snapshots !== undefined && inode.snapshots.size > 0) {
    const path = pathOf(inode);
    throw new RemoteException(
      'SnapshotException',
      `The directory ${path} cannot be deleted since ${path} is snapshottable and already has snapshots`,
    );
  }
  for (const child of inode.children.values()) checkNoSnapshots(child);
}

/** Of the directories below, those that are not empty must be the caller's to empty. Asked in HDFS' order. */
function checkBelow(store: Store, caller: Caller, directory: DirectoryInode): void {
  if (caller.isSuper) return;
  compareChildren(store, directory);
  if (directory.children.size > 0) checkAccess(caller, directory, READ | WRITE | EXECUTE);
  const children = sortedChildren(directory);
  for (const child of children) checkSticky(caller, directory, child);
  for (const child of children.toReversed()) if (child.kind === 'directory') checkBelow(store, caller, child);
}
