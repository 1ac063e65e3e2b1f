import { checkAccess, checkOwner, WRITE } from './access.ts';
import type { Caller } from './caller.ts';
import { pathOf } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { checkQuota } from './quota.ts';
import { RemoteException } from './remoteException.ts';
import { commit, MOST_REPLICATION, type Store } from './store.ts';

/** @throws RemoteException FileNotFoundException, AccessControlException */
export function setPermission(store: Store, caller: Caller, path: string, mode: number): void {
  const place = lookUp(store, caller, path, 'write');
  const inode = existing(place, (missing) => `Directory/File does not exist ${missing}`);
  checkOwner(caller, inode);
  commit(store, { op: 'set', path: pathOf(inode), mode });
}

/** Empty: as it is. @throws RemoteException FileNotFoundException, AccessControlException */
export function setOwner(store: Store, caller: Caller, path: string, owner: string, group: string): void {
  const place = lookUp(store, caller, path, 'write');
  const inode = existing(place, (missing) => `Directory/File does not exist ${missing}`);
  checkOwner(caller, inode);
  if (!caller.isSuper) {
    if (owner !== '' && owner !== caller.user) {
      throw new RemoteException(
        'AccessControlException',
        `User ${caller.user} is not a super user (non-super user cannot change owner).`,
      );
    }
    if (group !== '' && !caller.groups.includes(group)) {
      throw new RemoteException('AccessControlException', `User ${caller.user} does not belong to ${group}`);
    }
  }
  commit(store, {
    op: 'set',
    path: pathOf(inode),
    ...(owner === '' ? {} : { owner }),
    ...(group === '' ? {} : { group }),
  });
}

/** Milliseconds since 1970; -1: as it is. @throws RemoteException FileNotFoundException, AccessControlException */
export function setTimes(store: Store, caller: Caller, path: string, mtime: number, atime: number): void {
  const place = lookUp(store, caller, path, 'write');
  if (place.inode !== undefined) checkAccess(caller, place.inode, WRITE);
  const inode = existing(place, (missing) => `File/Directory ${missing} does not exist.`);
  commit(store, {
    op: 'set',
    path: pathOf(inode),
    ...(mtime === -1 ? {} : { mtime }),
    ...(atime === -1 ? {} : { atime }),
  });
}

/** @returns false for what is no file. @throws RemoteException AccessControlException, quotas'. */
export function setReplication(store: Store, caller: Caller, path: string, replication: number): boolean {
  const { inode } = lookUp(store, caller, path, 'write');
  if (inode?.kind !== 'file') {
    if (inode !== undefined) checkAccess(caller, inode, WRITE);
    return false;
  }
  checkAccess(caller, inode, WRITE);
  if (replication > MOST_REPLICATION) {
    throw new RemoteException(
      'IOException',
      `Requested replication factor of ${replication} exceeds maximum of ${MOST_REPLICATION} for ${path}`,
    );
  }
  checkQuota(inode.parent!, { names: 0, bytes: inode.length * (replication - inode.replication) });
  commit(store, { op: 'set', path: pathOf(inode), replication });
  return true;
}

/** Whether the caller may do what the bits say. @throws RemoteException FileNotFoundException, AccessControlException */
export function checkAccessTo(store: Store, caller: Caller, path: string, bits: number): void {
  const place = lookUp(store, caller, path, 'read');
  if (place.snapshotsOf !== undefined) return;
  checkAccess(
    caller,
    existing(place, (missing) => `Path not found: ${missing}`),
    bits,
  );
}
