import type { Caller } from './caller.ts';
import { childPath, type DirectoryInode } from './inode.ts';
import { componentsOf, findInode } from './inodePath.ts';
import { checkAncestor, lookUp, type Place } from './lookUp.ts';
import { inherited, newHostName } from './newInode.ts';
import { checkQuota } from './quota.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';
import { checkNameLength, checkNewName, checkPathLength } from './validName.ts';

export interface DirectoryModes {
  readonly mode: number;
  /** Before the caller's umask; a default ACL goes by this one. */
  readonly unmasked?: number | undefined;
}

/** Owner's bits without which nothing could be made in a parent that is made on the way. */
const OWNER_WRITE_EXECUTE = 0o300;

/**
 * Makes a directory and the parents that are missing; one that is there already is fine.
 *
 * @throws RemoteException InvalidPathException, FileAlreadyExistsException, AccessControlException, quotas'.
 */
export function makeDirectories(store: Store, caller: Caller, path: string, modes: DirectoryModes): void {
  checkNewName(path);
  checkPathLength(path);
  const place = lookUp(store, caller, path, 'create');
  if (place.inode?.kind === 'directory') return;
  checkAncestor(caller, place);
  if (place.inode !== undefined) {
    throw new RemoteException('FileAlreadyExistsException', `Path is not a directory: ${place.path}`);
  }
  const parent = makeParents(store, caller, place, modes);
  makeDirectory(store, caller, parent, place.name, modes);
}

/**
 * Makes what is missing above a place.
 *
 * @param modes those of the directory above where absent.
 * @returns the directory that the place is in.
 */
export function makeParents(
  store: Store,
  caller: Caller,
  place: Place,
  modes?: DirectoryModes,
): DirectoryInode {
  if (place.inode !== undefined && place.parent !== undefined) return place.parent;
  const names = componentsOf(place.path);
  const missing = names.slice(place.chain.length - 1);
  let directory = place.chain.at(-1) as DirectoryInode;
  checkLimits(names, missing);
  checkQuota(directory, { names: missing.length, bytes: 0 });
  const { mode, unmasked } = modes ?? { mode: directory.mode & 0o777 };
  const withOwner = {
    mode: mode | OWNER_WRITE_EXECUTE,
    unmasked: unmasked && unmasked | OWNER_WRITE_EXECUTE,
  };
  for (const name of missing.slice(0, -1))
    directory = makeDirectory(store, caller, directory, name, withOwner);
  return directory;
}

function checkLimits(names: readonly string[], missing: readonly string[]): void {
  for (const [index, name] of missing.entries()) {
    const above = names.slice(0, names.length - missing.length + index).join('/');
    checkNameLength(name, `/${above}`);
  }
}

function makeDirectory(
  store: Store,
  caller: Caller,
  parent: DirectoryInode,
  name: string,
  modes: DirectoryModes,
): DirectoryInode {
  const path = childPath(parent, name);
  commit(store, {
    op: 'mkdir',
    path,
    hostName: newHostName(store, parent, name),
    id: store.nextId(),
    owner: caller.user,
    group: parent.group,
    time: store.now(),
    ...inherited(parent, modes.mode, modes.unmasked, 'directory'),
  });
  return findInode(store.root, path) as DirectoryInode;
}
