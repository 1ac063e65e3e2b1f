import {
  copyFileSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../platform/fileSystemError.ts';
import { type HostFolder, hostPath, removeInBackground, snapshotFolder } from './hostFolder.ts';
import type { DirectoryInode, FileInode, Inode } from './inode.ts';
import { findInode, nameOf, parentPathOf } from './inodePath.ts';
import type {
  ConcatRecord,
  CreateRecord,
  JournalRecord,
  MkdirRecord,
  RenameRecord,
  SnapshotRecord,
} from './record.ts';

/**
 * Makes a change in the folder, before memory knows it. May come twice: the last line of the journal of a killed
 * server may or may not have got here.
 */
export function performOnHost(host: HostFolder, root: DirectoryInode, record: JournalRecord): void {
  switch (record.op) {
    case 'mkdir':
      unlessThere(() => mkdirSync(newHostPath(host, root, record)));
      return;
    case 'create':
      createAgain(host, root, record);
      return;
    case 'rename':
      renameOnHost(host, root, record);
      return;
    case 'concat':
      concatOnHost(host, root, record);
      return;
    case 'snapshot':
      snapshotOnHost(host, root, record);
      return;
    case 'delete': {
      const inode = findInode(root, record.path);
      if (inode !== undefined) discard(host, hostPath(host, inode), inode);
      return;
    }
    case 'deleteSnapshot': {
      const inode = findInode(root, record.path);
      if (inode?.kind === 'directory') discard(host, snapshotFolder(host, inode, record.name), inode);
      return;
    }
    case 'truncate': {
      const file = findInode(root, record.path);
      if (file?.kind === 'file') truncateOnHost(host, file, record.length, record.time);
      return;
    }
    case 'set': {
      const inode = findInode(root, record.path);
      if (record.mtime !== undefined && inode?.kind === 'file') touch(hostPath(host, inode), record.mtime);
      return;
    }
    default:
  }
}

/**
 * Makes the empty file of a `create`. Another one that it replaces goes in the same step: there is never none, and
 * who reads the old one goes on reading it.
 *
 * @returns its descriptor.
 */
export function createOnHost(host: HostFolder, root: DirectoryInode, record: CreateRecord): number {
  const file = newHostPath(host, root, record);
  if (findInode(root, record.path) === undefined) return openSync(file, 'wx');
  const aside = path.join(host.aside, String(record.id));
  const descriptor = openSync(aside, 'w');
  try {
    renameSync(aside, file);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

/** At the start after a kill: what the file has got since it was made is kept, and not what it replaced. */
function createAgain(host: HostFolder, root: DirectoryInode, record: CreateRecord): void {
  const there = lstatSync(newHostPath(host, root, record), { throwIfNoEntry: false });
  const replaced = findInode(root, record.path);
  const isOld =
    replaced?.kind === 'file' &&
    there?.size === replaced.length &&
    Math.round(there.mtimeMs) === replaced.mtime;
  if (there === undefined || isOld) closeSync(createOnHost(host, root, record));
}

/** Sets the times of a file on the host, ms since 1970. */
function touch(hostFile: string, mtime: number): void {
  utimesSync(hostFile, mtime / 1000, mtime / 1000);
}

function newHostPath(host: HostFolder, root: DirectoryInode, record: MkdirRecord | CreateRecord): string {
  const parent = findInode(root, parentPathOf(record.path));
  return path.join(hostPath(host, parent ?? root), record.hostName ?? nameOf(record.path));
}

function renameOnHost(host: HostFolder, root: DirectoryInode, record: RenameRecord): void {
  const inode = findInode(root, record.path);
  const parent = findInode(root, parentPathOf(record.to));
  if (inode === undefined || parent === undefined) return;
  const target = renamedPath(host, parent, record);
  const replaced = findInode(root, record.to);
  const source = hostPath(host, inode);
  if (lstatSync(source, { throwIfNoEntry: false }) === undefined) return;
  if (replaced !== undefined && hostPath(host, replaced) !== target)
    discard(host, hostPath(host, replaced), replaced);
  renameSync(source, target);
}

/** Where the host keeps what a rename has moved into a directory. */
export function renamedPath(host: HostFolder, parent: Inode, { hostName, to }: RenameRecord): string {
  return path.join(hostPath(host, parent), hostName ?? nameOf(to));
}

function concatOnHost(host: HostFolder, root: DirectoryInode, record: ConcatRecord): void {
  const target = findInode(root, record.path);
  const joined = path.join(host.aside, String(record.id));
  if (target !== undefined && lstatSync(joined, { throwIfNoEntry: false }) !== undefined) {
    touch(joined, record.time);
    renameSync(joined, hostPath(host, target));
  }
  for (const source of record.sources) {
    const inode = findInode(root, source);
    if (inode !== undefined) discard(host, hostPath(host, inode), inode);
  }
}

function truncateOnHost(host: HostFolder, file: FileInode, length: number, time: number): void {
  const hostFile = hostPath(host, file);
  if (lstatSync(hostFile).nlink > 1) {
    // A snapshot shares its contents.
    const aside = path.join(host.aside, String(file.id));
    copyFileSync(hostFile, aside, constants.COPYFILE_FICLONE);
    renameSync(aside, hostFile);
  }
  truncateSync(hostFile, length);
  touch(hostFile, time);
}

/** Links share the contents: appending leaves alone what a snapshot shows, and truncating makes a copy first. */
function snapshotOnHost(host: HostFolder, root: DirectoryInode, record: SnapshotRecord): void {
  const directory = findInode(root, record.path);
  if (directory?.kind !== 'directory') return;
  const folder = path.join(host.snapshots, String(record.id));
  rmSync(folder, { recursive: true, force: true });
  linkTree(hostPath(host, directory), folder, directory);
}

function linkTree(from: string, to: string, directory: DirectoryInode): void {
  mkdirSync(to, { mode: 0o700 });
  for (const child of directory.children.values()) {
    const name = child.hostName ?? child.name;
    const [source, target] = [path.join(from, name), path.join(to, name)];
    if (child.kind === 'directory') linkTree(source, target, child);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    if (!NO_HARD_LINKS.has(errorCode(error) ?? '')) throw error;
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}

const NO_HARD_LINKS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EMLINK', 'EXDEV']);

/** Removing a large file or a tree takes its time: it is moved away at once, and removed in the background. */
function discard(host: HostFolder, hostFile: string, inode: Inode): void {
  if (inode.kind === 'file' && inode.length < SMALL_BYTES) {
    unlessGone(() => unlinkSync(hostFile));
    return;
  }
  const away = path.join(host.deleted, `${inode.id}-${process.hrtime.bigint()}`);
  unlessGone(() => {
    renameSync(hostFile, away);
    void removeInBackground(away);
  });
}

const SMALL_BYTES = 1024 * 1024;

function unlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function unlessGone(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
