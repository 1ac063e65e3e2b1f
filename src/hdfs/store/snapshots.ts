import { checkOwner, checkSuperuser } from './access.ts';
import type { Caller } from './caller.ts';
import { compareChildren } from './compareFolder.ts';
import { inodesBelow } from './image.ts';
import { type DirectoryInode, type Inode, pathOf, type Snapshot } from './inode.ts';
import { snapshotPath } from './inodePath.ts';
import { existing, lookUp } from './lookUp.ts';
import { compareNames } from './nameOrder.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';
import { checkNameLength, isValidName } from './validName.ts';

/** @throws RemoteException SnapshotException, AccessControlException, FileNotFoundException */
export function allowSnapshots(store: Store, caller: Caller, path: string): void {
  checkSuperuser(caller, 'allowSnapshot');
  const directory = directoryAt(store, caller, path);
  if (directory.snapshots !== undefined) return;
  checkNotNested(directory);
  commit(store, { op: 'set', path: pathOf(directory), snapshottable: true });
}

/** @throws RemoteException SnapshotException, AccessControlException, FileNotFoundException */
export function disallowSnapshots(store: Store, caller: Caller, path: string): void {
  checkSuperuser(caller, 'disallowSnapshot');
  const directory = directoryAt(store, caller, path);
  if (directory.snapshots === undefined) return;
  if (directory.snapshots.size > 0) {
    refuse(
      `The directory ${pathOf(directory)} has snapshot(s). Please redo the operation after removing all the snapshots.`,
    );
  }
  commit(store, { op: 'set', path: pathOf(directory), snapshottable: false });
}

/** @returns the path of the snapshot. @throws RemoteException SnapshotException, … */
export function createSnapshot(
  store: Store,
  caller: Caller,
  path: string,
  wanted: string | undefined,
): string {
  const directory = directoryAt(store, caller, path);
  checkOwner(caller, directory);
  const name = wanted ?? defaultName(new Date(store.now()));
  checkSnapshotName(name, path);
  const snapshots = snapshotsOf(directory);
  if (snapshots.has(name))
    refuse(`Failed to add snapshot: there is already a snapshot with the same name "${name}".`);
  // Memory has to know all that is there, and only that, before it is copied.
  compareTree(store, directory);
  commit(store, { op: 'snapshot', path: pathOf(directory), name, id: store.nextId(), time: store.now() });
  return snapshotPath(pathOf(directory), name);
}

/** @throws RemoteException SnapshotException, AccessControlException */
export function renameSnapshot(store: Store, caller: Caller, path: string, name: string, to: string): void {
  const directory = directoryAt(store, caller, path);
  checkOwner(caller, directory);
  if (to.includes('/')) {
    throw new RemoteException('HadoopIllegalArgumentException', 'Snapshot name cannot contain "/"');
  }
  checkNameLength(to, path);
  const snapshots = snapshotsOf(directory);
  if (!snapshots.has(name)) {
    refuse(`The snapshot ${name} does not exist for directory ${pathOf(directory)}`);
  }
  if (name === to) return;
  if (snapshots.has(to)) refuse(`The snapshot ${to} already exists for directory ${pathOf(directory)}`);
  commit(store, { op: 'renameSnapshot', path: pathOf(directory), name, to });
}

/** @throws RemoteException SnapshotException, AccessControlException */
export function deleteSnapshot(store: Store, caller: Caller, path: string, name: string): void {
  const directory = directoryAt(store, caller, path);
  checkOwner(caller, directory);
  if (!snapshotsOf(directory).has(name)) {
    refuse(`Cannot delete snapshot ${name} from path ${pathOf(directory)}: the snapshot does not exist.`);
  }
  commit(store, { op: 'deleteSnapshot', path: pathOf(directory), name, time: store.now() });
}

/** The directories in which the caller may take snapshots; undefined where nobody may anywhere. */
export function snapshottableDirectories(
  store: Store,
  caller: Caller,
): readonly DirectoryInode[] | undefined {
  const directories = [store.root, ...inodesBelow(store.root)].filter(
    (inode): inode is DirectoryInode => inode.kind === 'directory' && inode.snapshots !== undefined,
  );
  if (directories.length === 0) return undefined;
  return directories
    .filter((inode) => caller.isSuper || inode.owner === caller.user)
    .sort((one, other) => compareNames(pathOf(one), pathOf(other)));
}

/** @throws RemoteException SnapshotException */
export function snapshotsAt(store: Store, caller: Caller, path: string): readonly Snapshot[] {
  const directory = directoryAt(store, caller, path, 'read');
  return [...snapshotsOf(directory).values()].sort((one, other) => compareNames(one.name, other.name));
}

/** A directory as it was in a snapshot; without a name, as it is. @throws RemoteException SnapshotException */
export function directoryInSnapshot(
  store: Store,
  caller: Caller,
  path: string,
  name: string | undefined,
): DirectoryInode {
  const directory = directoryAt(store, caller, path, 'read');
  const { snapshots } = directory;
  if (snapshots === undefined) {
    return refuse(`The path ${pathOf(directory)} is neither snapshottable nor under a snapshot root!`);
  }
  if (name === undefined || name === '.') {
    compareTree(store, directory);
    return directory;
  }
  return (
    snapshots.get(name)?.root ??
    refuse(`Cannot find the snapshot of directory ${pathOf(directory)} with name ${name}`)
  );
}

function directoryAt(
  store: Store,
  caller: Caller,
  path: string,
  intent: 'read' | 'write' = 'write',
): DirectoryInode {
  const place = lookUp(store, caller, path, intent);
  const inode = existing(place, (missing) => `Directory does not exist: ${missing}`);
  if (inode.kind === 'directory') return inode;
  throw new RemoteException('PathIsNotDirectoryException', `\`${place.path}': Is not a directory`);
}

function snapshotsOf(directory: DirectoryInode): Map<string, Snapshot> {
  if (directory.snapshots !== undefined) return directory.snapshots;
  return refuse(`Directory is not a snapshottable directory: ${pathOf(directory)}`);
}

function checkNotNested(directory: DirectoryInode): void {
  const start = `Nested snapshottable directories not allowed: path=${pathOf(directory)}`;
  for (const below of inodesBelow(directory)) {
    if (below.kind !== 'directory' || below.snapshots === undefined) continue;
    refuse(`${start}, the subdirectory ${pathOf(below)} is already a snapshottable directory.`);
  }
  for (let above: Inode | undefined = directory.parent; above !== undefined; above = above.parent) {
    if (above.snapshots === undefined) continue;
    refuse(`${start}, the ancestor ${pathOf(above)} is already a snapshottable directory.`);
  }
}

function checkSnapshotName(name: string, path: string): void {
  if (name.includes('/') || !isValidName(`/${name}`)) {
    throw new RemoteException('InvalidPathException', `Invalid path name Invalid snapshot name: ${name}`);
  }
  checkNameLength(name, path);
}

function compareTree(store: Store, directory: DirectoryInode): void {
  compareChildren(store, directory);
  for (const child of directory.children.values()) if (child.kind === 'directory') compareTree(store, child);
}

/** As `s20261121-153012.123`. */
function defaultName(time: Date): string {
  const digits = time.toISOString().replaceAll(/[-:]/g, '');
  return `s${digits.replace('T', '-').slice(0, -1)}`;
}

function refuse(why: string): never {
  throw new RemoteException('SnapshotException', why);
}
