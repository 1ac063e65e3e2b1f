import type { Caller } from './caller.ts';
import { compareChildren } from './compareFolder.ts';
import { type Inode, isAtOrUnder, pathOf } from './inode.ts';
import { checkAncestor, checkParent, existing, lookUp, type Place } from './lookUp.ts';
import { newHostName } from './newInode.ts';
import { checkQuota, usageOf } from './quota.ts';
import { checkNoSnapshots } from './remove.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';
import { checkNameLength, checkNewName, checkPathLength } from './validName.ts';

/**
 * The older rename: into a directory that exists, and false where it can't be.
 *
 * @throws RemoteException AccessControlException, ParentNotDirectoryException, SnapshotException, quotas'.
 */
export function rename(store: Store, caller: Caller, from: string, to: string): boolean {
  checkNewName(to);
  checkPathLength(to);
  const source = lookUp(store, caller, from, 'write');
  let target = lookUp(store, caller, to, 'create');
  if (target.inode?.kind === 'directory') {
    target = lookUp(store, caller, `${target.path}/${source.name}`, 'create');
  }
  checkParent(caller, source);
  checkAncestor(caller, target);
  const { inode } = source;
  if (inode?.parent === undefined) return false;
  checkNoSnapshots(inode);
  if (target.path === source.path) return true;
  if (isBelow(target, inode) || target.inode !== undefined || target.parent === undefined) return false;
  move(store, source, target, inode);
  return true;
}

/**
 * The newer rename, as POSIX has it: what is at `to` may be replaced, nothing is moved into it.
 *
 * @throws RemoteException FileNotFoundException, FileAlreadyExistsException, …
 */
export function renameExactly(
  store: Store,
  caller: Caller,
  from: string,
  to: string,
  overwrite: boolean,
): void {
  checkNewName(to);
  checkPathLength(to);
  const source = lookUp(store, caller, from, 'write');
  const target = lookUp(store, caller, to, 'create');
  checkParent(caller, source);
  checkAncestor(caller, target);
  const inode = existing(source, (path) => `rename source ${path} is not found.`);
  if (inode.parent === undefined)
    throw new RemoteException('IOException', 'rename source cannot be the root');
  checkNoSnapshots(inode);
  if (target.path === source.path) {
    throw new RemoteException(
      'FileAlreadyExistsException',
      `The source ${source.path} and destination ${target.path} are the same`,
    );
  }
  if (isBelow(target, inode)) {
    throw new RemoteException(
      'IOException',
      `Rename destination ${target.path} is a directory or file under source ${source.path}`,
    );
  }
  if (target.path === '/') throw new RemoteException('IOException', 'rename destination cannot be the root');
  if (target.inode !== undefined) checkReplacement(store, source, target, overwrite);
  else if (target.parent === undefined) {
    throw new RemoteException('FileNotFoundException', `rename destination parent ${target.path} not found.`);
  }
  move(store, source, target, inode);
}

function checkReplacement(store: Store, source: Place, target: Place, overwrite: boolean): void {
  const [moved, replaced] = [source.inode!, target.inode!];
  if (moved.kind !== replaced.kind) {
    throw new RemoteException(
      'IOException',
      `Source ${source.path} and destination ${target.path} must both be directories`,
    );
  }
  if (!overwrite) {
    throw new RemoteException(
      'FileAlreadyExistsException',
      `rename destination ${target.path} already exists`,
    );
  }
  if (replaced.kind === 'directory') {
    compareChildren(store, replaced);
    if (replaced.children.size > 0) {
      throw new RemoteException('IOException', `rename destination directory is not empty: ${target.path}`);
    }
  }
  checkNoSnapshots(replaced);
}

function move(store: Store, source: Place, target: Place, inode: Inode): void {
  const parent = target.parent!;
  checkNameLength(target.name, pathOf(parent));
  const shared = source.chain.findLast((each) => isAtOrUnder(parent, each));
  if (shared?.kind === 'directory') {
    const { names, bytes } = usageOf(inode);
    const replaced = target.inode === undefined ? { names: 0, bytes: 0 } : usageOf(target.inode);
    checkQuota(parent, { names: names - replaced.names, bytes: bytes - replaced.bytes }, shared);
  }
  const hostName =
    target.inode === undefined ? newHostName(store, parent, target.name) : target.inode.hostName;
  commit(store, { op: 'rename', path: pathOf(inode), to: target.path, hostName, time: store.now() });
}

function isBelow(place: Place, inode: Inode): boolean {
  return place.chain.includes(inode) && place.inode !== inode;
}
