import type { DirectoryInode, Inode } from './inode.ts';
import { sortedChildren } from './nameOrder.ts';

/** One difference between two states of a directory. Paths are relative to it. */
export interface DiffEntry {
  readonly type: 'CREATE' | 'MODIFY' | 'DELETE' | 'RENAME';
  readonly path: string;
  /** Where it was renamed to. */
  readonly target?: string;
  /** Ids of the directory and of what is in it. */
  readonly directoryId: number;
  readonly id: number;
  readonly isDirectory: boolean;
}

/** What has changed between two states, as HDFS reports it: each changed directory, followed by its entries. */
export function snapshotDiff(from: DirectoryInode, to: DirectoryInode): readonly DiffEntry[] {
  const [before, after] = [pathsById(from), pathsById(to)];
  const entries: DiffEntry[] = [];
  for (const { inode, path } of before.values()) {
    const later = after.get(inode.id)?.inode;
    if (later === undefined) continue;
    const changes =
      inode.kind === 'directory' && later.kind === 'directory' ? childChanges(inode, later) : [];
    if (changes.length === 0 && !isModified(inode, later)) continue;
    const directoryId = (inode.parent ?? inode).id;
    const isDirectory = inode.kind === 'directory';
    entries.push({ type: 'MODIFY', path, directoryId, id: inode.id, isDirectory });
    entries.push(...changes.filter((change) => change !== MOVED_IN));
  }
  return entries;

  function childChanges(old: DirectoryInode, later: DirectoryInode): readonly DiffEntry[] {
    const created = sortedChildren(later).filter((child) => old.children.get(child.name)?.id !== child.id);
    const deleted = sortedChildren(old).filter((child) => later.children.get(child.name)?.id !== child.id);
    return [
      ...created.map((child) => (before.has(child.id) ? MOVED_IN : entry('CREATE', child, later, after))),
      ...deleted.map((child) => {
        const target = after.get(child.id)?.path;
        if (target === undefined) return entry('DELETE', child, old, before);
        return { ...entry('RENAME', child, old, before), target };
      }),
    ];
  }
}

/** Told where it was moved from. */
const MOVED_IN: DiffEntry = { type: 'RENAME', path: '', directoryId: 0, id: 0, isDirectory: false };

type Paths = ReadonlyMap<number, { readonly inode: Inode; readonly path: string }>;

function entry(type: DiffEntry['type'], child: Inode, directory: DirectoryInode, paths: Paths): DiffEntry {
  const path = paths.get(child.id)?.path ?? child.name;
  return { type, path, directoryId: directory.id, id: child.id, isDirectory: child.kind === 'directory' };
}

function pathsById(root: DirectoryInode): Paths {
  const paths = new Map<number, { inode: Inode; path: string }>([[root.id, { inode: root, path: '' }]]);
  const walk = (directory: DirectoryInode, prefix: string): void => {
    for (const child of sortedChildren(directory)) {
      const path = prefix + child.name;
      paths.set(child.id, { inode: child, path });
      if (child.kind === 'directory') walk(child, `${path}/`);
    }
  };
  walk(root, '');
  return paths;
}

function isModified(one: Inode, other: Inode): boolean {
  const attributes = (inode: Inode): string =>
    JSON.stringify([inode.owner, inode.group, inode.mode, inode.acl, [...(inode.xattrs ?? [])]]);
  if (attributes(one) !== attributes(other)) return true;
  if (one.kind === 'directory' || other.kind === 'directory') return false;
  return one.length !== other.length || one.mtime !== other.mtime || one.replication !== other.replication;
}
