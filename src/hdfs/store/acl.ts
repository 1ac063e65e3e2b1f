import { checkOwner } from './access.ts';
import type { AclEntry, ScopedAclEntry } from './aclEntry.ts';
import type { Caller } from './caller.ts';
import { type Acl, mergeAcl, replacedAcl, withoutAclEntries } from './changeAcl.ts';
import { type Inode, pathOf } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';

/** What can be done to an ACL. */
export type AclChange =
  | { readonly kind: 'modify' | 'remove' | 'set'; readonly entries: Acl }
  | { readonly kind: 'removeDefault' | 'removeAll' };

/** @throws RemoteException FileNotFoundException, AccessControlException, AclException */
export function changeAcl(store: Store, caller: Caller, path: string, change: AclChange): void {
  const place = lookUp(store, caller, path, 'write');
  const inode = existing(place, (missing) => `Directory/File does not exist ${missing}`);
  checkOwner(caller, inode);
  try {
    saveAcl(store, inode, changedAcl(wholeAcl(inode), change));
  } catch (error) {
    if (!(error instanceof RemoteException) || error.javaClass !== 'AclException') throw error;
    throw new RemoteException('AclException', `${error.message} Path: ${place.path}`);
  }
}

/** The entries beyond the mode, as GETACLSTATUS tells them. @throws RemoteException FileNotFoundException */
export function aclStatus(
  store: Store,
  caller: Caller,
  path: string,
): { readonly inode: Inode; readonly entries: Acl } {
  const place = lookUp(store, caller, path, 'read');
  const inode = existing(place, (missing) => `File does not exist: ${missing}`);
  const access = (inode.acl ?? []).map((entry) => scoped(entry, 'access'));
  const defaults = inode.kind === 'directory' ? (inode.defaultAcl ?? []) : [];
  return { inode, entries: [...access, ...defaults.map((entry) => scoped(entry, 'default'))] };
}

function changedAcl(acl: Acl, change: AclChange): Acl {
  switch (change.kind) {
    case 'modify':
      return mergeAcl(acl, change.entries);
    case 'remove':
      return withoutAclEntries(acl, change.entries);
    case 'set':
      return replacedAcl(acl, change.entries);
    case 'removeDefault':
      return acl.filter((entry) => entry.scope === 'access');
    case 'removeAll':
      return acl.filter(
        (entry) => entry.scope === 'access' && entry.name === undefined && entry.type !== 'mask',
      );
    default:
      return acl;
  }
}

/** An inode keeps its extended entries; the bits of the mode are owner, mask or group, and other. */
function wholeAcl(inode: Inode): Acl {
  const bits = (shift: number): number => (inode.mode >> shift) & 7;
  const extended = (inode.acl ?? []).map((entry) => scoped(entry, 'access'));
  const middle: Acl =
    inode.acl === undefined
      ? [{ scope: 'access', type: 'group', permission: bits(3) }]
      : [...extended, { scope: 'access', type: 'mask', permission: bits(3) }];
  const defaults = inode.kind === 'directory' ? (inode.defaultAcl ?? []) : [];
  return [
    { scope: 'access', type: 'user', permission: bits(6) },
    ...middle,
    { scope: 'access', type: 'other', permission: bits(0) },
    ...defaults.map((entry) => scoped(entry, 'default')),
  ];
}

function saveAcl(store: Store, inode: Inode, acl: Acl): void {
  const access = acl.filter((entry) => entry.scope === 'access');
  const defaults = acl.filter((entry) => entry.scope === 'default');
  if (defaults.length > 0 && inode.kind === 'file') {
    throw new RemoteException(
      'AclException',
      `Invalid ACL: only directories may have a default ACL. Path: ${pathOf(inode)}`,
    );
  }
  const of = (type: AclEntry['type']): number | undefined =>
    access.find((entry) => entry.type === type && entry.name === undefined)?.permission;
  const [user, group, mask, other] = [of('user') ?? 0, of('group') ?? 0, of('mask'), of('other') ?? 0];
  const extended = access.filter((entry) => entry.name !== undefined || entry.type === 'group');
  commit(store, {
    op: 'set',
    path: pathOf(inode),
    mode: (inode.mode & 0o1000) | (user << 6) | ((mask ?? group) << 3) | other,
    acl: mask === undefined ? null : extended.map(unscoped),
    ...(inode.kind === 'directory'
      ? { defaultAcl: defaults.length === 0 ? null : defaults.map(unscoped) }
      : {}),
  });
}

function scoped(entry: AclEntry, scope: ScopedAclEntry['scope']): ScopedAclEntry {
  return { scope, ...entry };
}

function unscoped({ type, name, permission }: ScopedAclEntry): AclEntry {
  return { type, ...(name === undefined ? {} : { name }), permission };
}
