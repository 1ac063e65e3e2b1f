import type { DirectoryInode, Inode } from './inode.ts';

/** A copy of a directory and all below it that never changes again. */
export function frozenCopy(directory: DirectoryInode, name: string, parent: DirectoryInode): DirectoryInode {
  const copy: DirectoryInode = {
    ...directory,
    name,
    parent,
    frozen: true,
    snapshots: undefined,
    children: new Map(),
    sorted: undefined,
  };
  for (const child of directory.children.values()) copy.children.set(child.name, frozenChild(child, copy));
  return copy;
}

function frozenChild(child: Inode, parent: DirectoryInode): Inode {
  if (child.kind === 'directory') return frozenCopy(child, child.name, parent);
  return { ...child, parent, frozen: true, lease: undefined };
}
