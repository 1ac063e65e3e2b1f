import { type DirectoryInode, type Inode, newDirectory, pathOf } from './inode.ts';
import { compareNames } from './nameOrder.ts';
import { RemoteException } from './remoteException.ts';

/** What `DIRECTORY/.snapshot` itself looks like. @throws RemoteException FileNotFoundException */
export function snapshotFolderStatus(directory: DirectoryInode, path: string): Inode {
  if (directory.snapshots === undefined) {
    throw new RemoteException('FileNotFoundException', `File does not exist: ${path}`);
  }
  const nobody = { owner: '', group: '', mode: 0o777, mtime: 0, atime: 0 };
  return {
    ...newDirectory({ id: 0, name: '.snapshot', parent: directory, ...nobody, journaled: true }),
    frozen: true,
  };
}

/** The snapshots of a directory as the entries of its `.snapshot`. @throws RemoteException SnapshotException */
export function snapshotRoots(directory: DirectoryInode): readonly Inode[] {
  if (directory.snapshots === undefined) {
    const where = pathOf(directory);
    throw new RemoteException('SnapshotException', `Directory is not a snapshottable directory: ${where}`);
  }
  return [...directory.snapshots.values()]
    .map((snapshot) => snapshot.root)
    .sort((one, other) => compareNames(one.name, other.name));
}
