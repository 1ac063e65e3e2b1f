import { checkAccess, checkSticky, EXECUTE, WRITE } from './access.ts';
import type { Caller } from './caller.ts';
import { childOf, presentChild } from './compareFolder.ts';
import type { DirectoryInode, FileInode, Inode } from './inode.ts';
import { componentsOf, SNAPSHOT_FOLDER } from './inodePath.ts';
import { RemoteException } from './remoteException.ts';
import type { Store } from './store.ts';

/** Where a path leads. */
export interface Place {
  /** Without empty components. */
  readonly path: string;
  readonly name: string;
  /** What exists of the way, root first; the last one is the inode itself, if it is there. */
  readonly chain: readonly Inode[];
  readonly inode: Inode | undefined;
  /** The directory that the inode is or would be in, if that exists. */
  readonly parent: DirectoryInode | undefined;
  /** The path names the snapshots of this directory, as `/data/.snapshot`. */
  readonly snapshotsOf: DirectoryInode | undefined;
  /** Whether `.snapshot` is in the path. */
  readonly readOnly: boolean;
}

/** What the path is wanted for: `create` for something new in the namespace. */
export type Intent = 'read' | 'write' | 'create';

/**
 * Follows a path and checks that the caller may pass. What it is for makes a difference in how HDFS
 * refuses a path through a file.
 *
 * @throws RemoteException AccessControlException, ParentNotDirectoryException, SnapshotAccessControlException
 */
export function lookUp(store: Store, caller: Caller, path: string, intent: Intent): Place {
  const components = componentsOf(path);
  const chain: Inode[] = [store.root];
  let current: Inode | undefined = store.root;
  let snapshotsOf: DirectoryInode | undefined;
  let readOnly = false;
  for (const [index, name] of components.entries()) {
    const isLast = index === components.length - 1;
    if (snapshotsOf !== undefined) {
      current = snapshotsOf.snapshots?.get(name)?.root;
      snapshotsOf = undefined;
    } else if (current === undefined) {
      break;
    } else {
      const directory: DirectoryInode = passable(caller, current, components.slice(0, index), intent);
      if (name === SNAPSHOT_FOLDER) {
        [snapshotsOf, readOnly] = [directory, true];
        continue;
      }
      current = isLast ? presentChild(store, directory, name) : childOf(store, directory, name);
    }
    if (current !== undefined) chain.push(current);
  }
  if (readOnly && intent !== 'read') {
    throw new RemoteException(
      'SnapshotAccessControlException',
      'Modification on a read-only snapshot is disallowed',
    );
  }
  const place = { path: `/${components.join('/')}`, name: components.at(-1) ?? '', chain, readOnly };
  if (snapshotsOf !== undefined) return { ...place, inode: undefined, parent: snapshotsOf, snapshotsOf };
  const parent = current === undefined ? parentIn(chain, components, readOnly) : current.parent;
  return { ...place, inode: current, parent, snapshotsOf: undefined };
}

/** @throws RemoteException FileNotFoundException with the words of the operation. */
export function existing(place: Place, missing: (path: string) => string): Inode {
  if (place.inode === undefined) throw new RemoteException('FileNotFoundException', missing(place.path));
  return place.inode;
}

/** The file at a path, for operations on contents. @throws RemoteException FileNotFoundException */
export function existingFile(place: Place, missing: (path: string) => string): FileInode {
  const inode = existing(place, missing);
  if (inode.kind === 'file') return inode;
  throw new RemoteException('FileNotFoundException', `Path is not a file: ${place.path}`);
}

/** Whether the caller may make something at a place: in the nearest directory that exists. */
export function checkAncestor(caller: Caller, place: Place): void {
  if (caller.isSuper) return;
  const above = place.inode === undefined ? place.chain : place.chain.slice(0, -1);
  const ancestor = above.at(-1);
  if (ancestor !== undefined) checkAccess(caller, ancestor, WRITE);
}

/** Whether the caller may take an entry out of its directory. */
export function checkParent(caller: Caller, place: Place): void {
  if (caller.isSuper || place.inode?.parent === undefined) return;
  checkSticky(caller, place.inode.parent, place.inode);
  checkAccess(caller, place.inode.parent, WRITE);
}

function passable(caller: Caller, inode: Inode, way: readonly string[], intent: Intent): DirectoryInode {
  if (inode.kind === 'directory') {
    if (!caller.isSuper) checkAccess(caller, inode, EXECUTE);
    return inode;
  }
  const message = `/${way.join('/')} (is not a directory)`;
  if (intent === 'create') throw new RemoteException('ParentNotDirectoryException', message);
  throw new RemoteException('AccessControlException', message);
}

function parentIn(
  chain: readonly Inode[],
  components: readonly string[],
  readOnly: boolean,
): DirectoryInode | undefined {
  const last = chain.at(-1);
  if (readOnly || chain.length !== components.length || last?.kind !== 'directory') return undefined;
  return last;
}
