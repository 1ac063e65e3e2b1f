import type { DirectoryInode, Inode } from './inode.ts';

export const SNAPSHOT_FOLDER = '.snapshot';

/** Splits an absolute path; `/` has no components. Empty ones, from `//` and a last `/`, are left out. */
export function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}

/** An inode by its path, as memory has it: without a look at the folder, without any check. */
export function findInode(root: DirectoryInode, path: string): Inode | undefined {
  let current: Inode | undefined = root;
  let inSnapshots: DirectoryInode | undefined;
  for (const part of componentsOf(path)) {
    if (inSnapshots !== undefined) {
      current = inSnapshots.snapshots?.get(part)?.root;
      inSnapshots = undefined;
    } else if (current?.kind !== 'directory') {
      return undefined;
    } else if (part === SNAPSHOT_FOLDER) {
      inSnapshots = current;
    } else {
      current = current.children.get(part);
    }
  }
  return inSnapshots === undefined ? current : undefined;
}

export function parentPathOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path of a directory's snapshot. */
export function snapshotPath(directory: string, name: string): string {
  return `${directory === '/' ? '' : directory}/${SNAPSHOT_FOLDER}/${name}`;
}
