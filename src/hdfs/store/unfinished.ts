import { lstatSync } from 'node:fs';
import { renamedPath } from './hostActions.ts';
import { type HostFolder, hostPath } from './hostFolder.ts';
import type { DirectoryInode, Inode } from './inode.ts';
import { findInode, parentPathOf } from './inodePath.ts';
import type { JournalRecord, RenameRecord } from './record.ts';

/**
 * What of the last change before the end of a server is still to be made in the folder. Somebody may have put something
 * there since, in the place of what the change took away: that is theirs.
 *
 * @returns undefined when there is nothing to do.
 */
export function unfinished(
  host: HostFolder,
  root: DirectoryInode,
  record: JournalRecord,
): JournalRecord | undefined {
  const isLater = (hdfsPath: string, time: number): boolean => {
    const inode = findInode(root, hdfsPath);
    return inode !== undefined && changedAfter(host, inode, time);
  };
  switch (record.op) {
    case 'delete':
    case 'truncate':
      return isLater(record.path, record.time) ? undefined : record;
    case 'rename':
      return isRenamed(host, root, record) ? undefined : record;
    case 'concat':
      return { ...record, sources: record.sources.filter((each) => !isLater(each, record.time)) };
    default:
      return record;
  }
}

function isRenamed(host: HostFolder, root: DirectoryInode, record: RenameRecord): boolean {
  const source = findInode(root, record.path);
  const parent = findInode(root, parentPathOf(record.to));
  if (source === undefined || parent === undefined) return false;
  if (lstatSync(renamedPath(host, parent, record), { throwIfNoEntry: false }) === undefined) return false;
  return findInode(root, record.to) === undefined || changedAfter(host, source, record.time);
}

/** A file that was copied there has this time, too, and not only that of the file that it is a copy of. */
function changedAfter(host: HostFolder, inode: Inode, time: number): boolean {
  const found = lstatSync(hostPath(host, inode), { throwIfNoEntry: false });
  return found !== undefined && found.ctimeMs > time + GRAIN_MS;
}

/** The clocks of files and of records differ by the kernel's tick. */
const GRAIN_MS = 50;
