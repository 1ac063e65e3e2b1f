import {
  addChild,
  type DirectoryInode,
  type FileInode,
  type Inode,
  newDirectory,
  newFile,
  removeChild,
} from './inode.ts';
import { findInode, nameOf, parentPathOf } from './inodePath.ts';
import type {
  ConcatRecord,
  CreateRecord,
  JournalRecord,
  MkdirRecord,
  PutRecord,
  RenameRecord,
  SetRecord,
} from './record.ts';
import { frozenCopy } from './snapshotCopy.ts';

/** A writer that a killed server has left. Its file is closed when the journal has been read. */
const LOST_WRITER = { holder: 'a writer that is gone', clientMachine: '127.0.0.1' };

/**
 * Makes a journalled change in memory. The same code serves requests and the start after a kill, where the folder
 * may have been changed by hand meanwhile: so what a record presumes may be missing, and then nothing happens.
 */
export function applyRecord(root: DirectoryInode, record: JournalRecord): void {
  switch (record.op) {
    case 'put':
      applyPut(root, record);
      return;
    case 'mkdir':
    case 'create':
      applyNew(root, record);
      return;
    case 'rename':
      applyRename(root, record);
      return;
    case 'delete':
      applyDelete(root, record.path, record.time);
      return;
    default: {
      const inode = findInode(root, record.path);
      if (inode !== undefined) applyChange(root, inode, record);
    }
  }
}

type ChangeRecord = Exclude<JournalRecord, { op: 'put' | 'mkdir' | 'create' | 'rename' | 'delete' }>;

function applyChange(root: DirectoryInode, inode: Inode, record: ChangeRecord): void {
  if (record.op === 'set') applySet(inode, record);
  else if (inode.kind === 'file') applyToFile(root, inode, record);
  else applyToDirectory(inode, record);
}

function applyToFile(root: DirectoryInode, file: FileInode, record: ChangeRecord): void {
  if (record.op === 'append') {
    file.lease ??= LOST_WRITER;
  } else if (record.op === 'close') {
    file.lease = undefined;
    setContents(file, record.length, record.time, record.blocks);
  } else if (record.op === 'truncate') {
    setContents(file, record.length, record.time, truncatedBlocks(file, record.length));
  } else if (record.op === 'concat') {
    applyConcat(root, file, record);
  }
}

function applyToDirectory(directory: DirectoryInode, record: ChangeRecord): void {
  const snapshots = directory.snapshots;
  if (snapshots === undefined) return;
  if (record.op === 'snapshot') {
    const { id, name, time } = record;
    snapshots.set(name, { id, name, createdAt: time, root: frozenCopy(directory, name, directory) });
    directory.mtime = time;
  } else if (record.op === 'deleteSnapshot') {
    if (snapshots.delete(record.name)) directory.mtime = record.time;
  } else if (record.op === 'renameSnapshot') {
    const snapshot = snapshots.get(record.name);
    if (snapshot === undefined) return;
    snapshots.delete(record.name);
    snapshots.set(record.to, snapshot);
    snapshot.name = record.to;
    snapshot.root.name = record.to;
  }
}

function applyNew(root: DirectoryInode, record: MkdirRecord | CreateRecord): void {
  const parent = findInode(root, parentPathOf(record.path));
  if (parent?.kind !== 'directory') return;
  const fields = {
    ...record,
    name: nameOf(record.path),
    parent,
    mtime: record.time,
    atime: record.op === 'create' ? record.time : 0,
    journaled: true,
  };
  const inode = record.op === 'create' ? newFile({ ...fields, ...record, length: 0 }) : newDirectory(fields);
  if (record.acl !== undefined) inode.acl = record.acl;
  if (inode.kind === 'file') inode.lease = LOST_WRITER;
  if (inode.kind === 'directory' && record.op === 'mkdir') inode.defaultAcl = record.defaultAcl;
  addChild(parent, inode);
  parent.mtime = record.time;
}

function applyDelete(root: DirectoryInode, path: string, time: number): void {
  const parent = findInode(root, parentPathOf(path));
  if (parent?.kind !== 'directory') return;
  removeChild(parent, nameOf(path));
  parent.mtime = time;
}

function applyRename(root: DirectoryInode, record: RenameRecord): void {
  const inode = findInode(root, record.path);
  const to = findInode(root, parentPathOf(record.to));
  if (inode?.parent === undefined || to?.kind !== 'directory') return;
  removeChild(inode.parent, inode.name);
  inode.parent.mtime = record.time;
  inode.name = nameOf(record.to);
  inode.hostName = record.hostName;
  addChild(to, inode);
  to.mtime = record.time;
}

function applyConcat(root: DirectoryInode, target: FileInode, record: ConcatRecord): void {
  setContents(target, record.length, record.time, record.blocks);
  for (const source of record.sources) applyDelete(root, source, record.time);
}

function setContents(file: FileInode, length: number, time: number, blocks?: readonly number[]): void {
  file.length = length;
  file.mtime = time;
  file.blocks = blocks;
  file.byHand = false;
}

function truncatedBlocks(file: FileInode, length: number): readonly number[] | undefined {
  if (file.blocks === undefined) return undefined;
  const blocks: number[] = [];
  let rest = length;
  for (const block of file.blocks) {
    if (rest <= 0) break;
    blocks.push(Math.min(block, rest));
    rest -= block;
  }
  return blocks;
}

function applySet(inode: Inode, record: SetRecord): void {
  if (record.owner !== undefined) inode.owner = record.owner;
  if (record.group !== undefined) inode.group = record.group;
  if (record.mode !== undefined) inode.mode = record.mode;
  if (record.mtime !== undefined) inode.mtime = record.mtime;
  if (record.atime !== undefined) inode.atime = record.atime;
  if (record.storagePolicy !== undefined) inode.storagePolicy = record.storagePolicy;
  if (record.acl !== undefined) inode.acl = record.acl ?? undefined;
  if (record.xattrs !== undefined) inode.xattrs = xattrsFrom(record.xattrs ?? undefined);
  if (inode.kind === 'file') {
    if (record.replication !== undefined) inode.replication = record.replication;
    return;
  }
  if (record.defaultAcl !== undefined) inode.defaultAcl = record.defaultAcl ?? undefined;
  if (record.namespaceQuota !== undefined) inode.namespaceQuota = record.namespaceQuota;
  if (record.spaceQuota !== undefined) inode.spaceQuota = record.spaceQuota;
  if (record.typeQuotas !== undefined) inode.typeQuotas = record.typeQuotas;
  if (record.snapshottable === true) inode.snapshots ??= new Map();
  if (record.snapshottable === false) inode.snapshots = undefined;
}

function applyPut(root: DirectoryInode, record: PutRecord): void {
  const { snapshot } = record;
  const parentPath = parentPathOf(record.path);
  const found = findInode(root, snapshot === undefined ? parentPath : parentPathOf(parentPath));
  if (found?.kind !== 'directory') return;
  if (record.path === '/') {
    fill(root, record);
    return;
  }
  const fields = { ...record, name: nameOf(record.path), parent: found, journaled: true };
  const inode =
    record.kind === 'directory'
      ? newDirectory(fields)
      : newFile({
          ...fields,
          length: record.length!,
          replication: record.replication!,
          blockSize: record.blockSize!,
        });
  fill(inode, record);
  inode.frozen = snapshot !== undefined || found.frozen;
  if (snapshot === undefined) addChild(found, inode);
  else if (inode.kind === 'directory')
    found.snapshots?.set(inode.name, { ...snapshot, name: inode.name, root: inode });
}

/** What only some inodes have. */
function fill(inode: Inode, record: PutRecord): void {
  const { op: _, path: __, typeQuotas, acl, defaultAcl, ...rest } = record;
  applySet(inode, {
    ...rest,
    op: 'set',
    path: record.path,
    acl: acl ?? null,
    defaultAcl: defaultAcl ?? null,
  });
  if (inode.kind === 'file') {
    inode.blocks = record.blocks;
    inode.byHand = record.byHand ?? false;
    if (record.writing) inode.lease = LOST_WRITER;
  } else {
    inode.id = record.id;
    inode.typeQuotas = typeQuotas;
  }
}

function xattrsFrom(
  values: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<string, Buffer> | undefined {
  if (values === undefined) return undefined;
  return new Map(Object.entries(values).map(([name, value]) => [name, Buffer.from(value, 'base64')]));
}
