import type { AclEntry } from './aclEntry.ts';

/** One acknowledged change of the namespace: a line of the journal. Paths are absolute HDFS paths. */
export type JournalRecord =
  | MkdirRecord
  | CreateRecord
  | { readonly op: 'append'; readonly path: string }
  | CloseRecord
  | { readonly op: 'delete'; readonly path: string; readonly time: number }
  | RenameRecord
  | ConcatRecord
  | { readonly op: 'truncate'; readonly path: string; readonly length: number; readonly time: number }
  | SetRecord
  | SnapshotRecord
  | { readonly op: 'renameSnapshot'; readonly path: string; readonly name: string; readonly to: string }
  | { readonly op: 'deleteSnapshot'; readonly path: string; readonly name: string; readonly time: number }
  | PutRecord;

/** What a new inode starts with. */
interface NewRecord {
  readonly path: string;
  readonly hostName?: string | undefined;
  readonly id: number;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly time: number;
  readonly acl?: readonly AclEntry[] | undefined;
}

export interface MkdirRecord extends NewRecord {
  readonly op: 'mkdir';
  readonly defaultAcl?: readonly AclEntry[] | undefined;
}

/** A new, empty file that is being written. Replaces a file that was there. */
export interface CreateRecord extends NewRecord {
  readonly op: 'create';
  readonly replication: number;
  readonly blockSize: number;
}

export interface CloseRecord {
  readonly op: 'close';
  readonly path: string;
  readonly length: number;
  readonly time: number;
  readonly blocks?: readonly number[] | undefined;
}

/** What was at `to` is replaced. */
export interface RenameRecord {
  readonly op: 'rename';
  readonly path: string;
  readonly to: string;
  readonly hostName?: string | undefined;
  readonly time: number;
}

/** The joined contents lie aside, under the id of the target. */
export interface ConcatRecord {
  readonly op: 'concat';
  readonly path: string;
  readonly id: number;
  readonly sources: readonly string[];
  readonly length: number;
  readonly blocks: readonly number[];
  readonly time: number;
}

/** New values of attributes; `null` takes one away. */
export interface SetRecord {
  readonly op: 'set';
  readonly path: string;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: number | undefined;
  readonly mtime?: number | undefined;
  readonly atime?: number | undefined;
  readonly replication?: number | undefined;
  readonly storagePolicy?: number | undefined;
  readonly acl?: readonly AclEntry[] | null | undefined;
  readonly defaultAcl?: readonly AclEntry[] | null | undefined;
  /** All of them, values in base64. */
  readonly xattrs?: Readonly<Record<string, string>> | null | undefined;
  readonly namespaceQuota?: number | undefined;
  readonly spaceQuota?: number | undefined;
  readonly typeQuotas?: Readonly<Record<string, number>> | undefined;
  readonly snapshottable?: boolean | undefined;
}

export interface SnapshotRecord {
  readonly op: 'snapshot';
  readonly path: string;
  readonly name: string;
  readonly id: number;
  readonly time: number;
}

/** A whole inode: of a compacted journal, or found in the folder and now about to be changed. */
export interface PutRecord {
  readonly op: 'put';
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly hostName?: string | undefined;
  readonly id: number;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly mtime: number;
  readonly atime: number;
  readonly acl?: readonly AclEntry[] | undefined;
  readonly xattrs?: Readonly<Record<string, string>> | undefined;
  readonly storagePolicy?: number | undefined;
  readonly length?: number;
  readonly replication?: number;
  readonly blockSize?: number;
  readonly blocks?: readonly number[] | undefined;
  readonly byHand?: true | undefined;
  readonly writing?: true | undefined;
  readonly defaultAcl?: readonly AclEntry[] | undefined;
  readonly namespaceQuota?: number | undefined;
  readonly spaceQuota?: number | undefined;
  readonly typeQuotas?: Readonly<Record<string, number>> | undefined;
  readonly snapshottable?: true | undefined;
  /** Of the root of a snapshot. */
  readonly snapshot?: { readonly id: number; readonly createdAt: number } | undefined;
}
