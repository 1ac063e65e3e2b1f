import type { AclEntry } from './aclEntry.ts';

/** What the namespace holds. Mutable: only `applyRecord.ts` and the look at the folder change it. */
export type Inode = FileInode | DirectoryInode;

export interface InodeAttributes {
  /** HDFS' `fileId`: stays with the file through renames. */
  id: number;
  name: string;
  /** Name in the host's folder, where it differs. */
  hostName?: string | undefined;
  parent: DirectoryInode | undefined;
  owner: string;
  group: string;
  /** Permission bits and the sticky bit; with extended ACL entries the group bits are their mask. */
  mode: number;
  /** Milliseconds since 1970. */
  mtime: number;
  atime: number;
  /** Entries beyond owner, group and other, in Hadoop's order; access entries only. */
  acl?: readonly AclEntry[] | undefined;
  /** Name with its namespace, as `user.origin` -> value. */
  xattrs?: ReadonlyMap<string, Buffer> | undefined;
  /** Id of the storage policy that was set; 0 for none. */
  storagePolicy: number;
  /** Whether the journal knows it. What was put into the folder by hand is known to memory only, until it is changed. */
  journaled: boolean;
  /** Part of a snapshot: never changes, and its data lie among the snapshots'. */
  frozen: boolean;
}

export interface FileInode extends InodeAttributes {
  kind: 'file';
  length: number;
  replication: number;
  blockSize: number;
  /** Lengths of its blocks, where they are not the regular ones: after CONCAT. */
  blocks?: readonly number[] | undefined;
  /** Who is writing it. */
  lease?: Lease | undefined;
  /** Its contents came into the folder by hand, so they are looked at again with each listing. */
  byHand: boolean;
}

export interface Lease {
  readonly holder: string;
  readonly clientMachine: string;
}

export interface DirectoryInode extends InodeAttributes {
  kind: 'directory';
  children: Map<string, Inode>;
  /** The children in HDFS' order; undefined after a change. */
  sorted?: readonly Inode[] | undefined;
  /** Modification time (ns) of the host's folder when its names were last compared with `children`. */
  comparedAt: bigint;
  defaultAcl?: readonly AclEntry[] | undefined;
  /** Limits: names in the subtree, and bytes times replication. -1 for none. */
  namespaceQuota: number;
  spaceQuota: number;
  /** By storage type, as `SSD`. */
  typeQuotas?: Readonly<Record<string, number>> | undefined;
  /** Undefined: snapshots are not allowed here. */
  snapshots?: Map<string, Snapshot> | undefined;
}

export interface Snapshot {
  readonly id: number;
  name: string;
  readonly createdAt: number;
  /** A frozen copy of the directory. Its parent is the live one. */
  readonly root: DirectoryInode;
}

export const NEVER_COMPARED = -1n;

/** Absolute HDFS path. Of what lies in a snapshot: with `.snapshot/NAME` in it. */
export function pathOf(inode: Inode): string {
  if (inode.parent === undefined) return '/';
  const parts: string[] = [];
  let current: Inode = inode;
  while (current.parent !== undefined) {
    parts.push(isSnapshotRoot(current) ? `.snapshot/${current.name}` : current.name);
    current = current.parent;
  }
  return `/${parts.toReversed().join('/')}`;
}

/** Path of an entry of a directory. */
export function childPath(directory: DirectoryInode, name: string): string {
  return directory.parent === undefined ? `/${name}` : `${pathOf(directory)}/${name}`;
}

export function isSnapshotRoot(inode: Inode): boolean {
  return inode.frozen && inode.parent?.frozen === false;
}

/** Whether `ancestor` is the inode or above it. */
export function isAtOrUnder(inode: Inode, ancestor: Inode): boolean {
  for (let current: Inode | undefined = inode; current !== undefined; current = current.parent) {
    if (current === ancestor) return true;
  }
  return false;
}

export function newDirectory(fields: NewInode): DirectoryInode {
  return {
    kind: 'directory',
    ...commonFields(fields),
    children: new Map(),
    comparedAt: NEVER_COMPARED,
    namespaceQuota: -1,
    spaceQuota: -1,
  };
}

export function newFile(
  fields: NewInode & { length: number; replication: number; blockSize: number },
): FileInode {
  return {
    kind: 'file',
    ...commonFields(fields),
    length: fields.length,
    replication: fields.replication,
    blockSize: fields.blockSize,
    byHand: false,
  };
}

export interface NewInode {
  readonly id: number;
  readonly name: string;
  readonly hostName?: string | undefined;
  readonly parent: DirectoryInode | undefined;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly mtime: number;
  readonly atime: number;
  readonly journaled: boolean;
}

// The same order of the same fields for every inode: engines make that fast and small.
function commonFields(fields: NewInode): InodeAttributes {
  return {
    id: fields.id,
    name: fields.name,
    hostName: fields.hostName,
    parent: fields.parent,
    owner: fields.owner,
    group: fields.group,
    mode: fields.mode,
    mtime: fields.mtime,
    atime: fields.atime,
    storagePolicy: 0,
    journaled: fields.journaled,
    frozen: false,
  };
}

export function addChild(parent: DirectoryInode, child: Inode): void {
  parent.children.set(child.name, child);
  parent.sorted = undefined;
  child.parent = parent;
}

export function removeChild(parent: DirectoryInode, name: string): void {
  if (parent.children.delete(name)) parent.sorted = undefined;
}
