import { statSync } from 'node:fs';
import { errorCode } from '../../platform/fileSystemError.ts';
import { applyRecord } from './applyRecord.ts';
import { blocksAfterAppend } from './blocks.ts';
import { performOnHost } from './hostActions.ts';
import { emptyAside, type HostFolder, hostPath, isInside, openHostFolder } from './hostFolder.ts';
import { allInodes, allRecords, inodesBelow, putRecord } from './image.ts';
import { type DirectoryInode, type Inode, newDirectory, pathOf } from './inode.ts';
import { findInode, parentPathOf } from './inodePath.ts';
import { Journal } from './journal.ts';
import type { JournalRecord } from './record.ts';
import { RemoteException } from './remoteException.ts';
import { unfinished } from './unfinished.ts';

/** An open file system: its namespace in memory, its journal, and the folder with its data. */
export interface Store {
  readonly root: DirectoryInode;
  readonly host: HostFolder;
  readonly journal: Journal;
  readonly superuser: string;
  readonly supergroup: string;
  /** Of files for which a client says nothing. */
  readonly defaults: FileDefaults;
  /** Bytes. */
  readonly smallestBlock: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly nextId: () => number;
  /** Inodes with greater ids are of this opening of the store: nobody has touched their data unseen. */
  readonly idsBefore: number;
  /** Directories with files that came into the folder by hand. */
  readonly handMade: Set<DirectoryInode>;
}

export interface FileDefaults {
  readonly replication: number;
  readonly blockSize: number;
}

export interface StoreOptions {
  readonly folder: string;
  readonly superuser: string;
  readonly now?: () => number;
  /** Asked for each file; HDFS' own where absent. */
  readonly defaults?: (() => Partial<FileDefaults> | undefined) | undefined;
  /** Smallest size of a block that a client may ask for, in bytes; HDFS' own where absent. */
  readonly smallestBlock?: number | undefined;
}

/** As HDFS' own. */
const DEFAULTS: FileDefaults = { replication: 3, blockSize: 128 * 1024 * 1024 };
const SMALLEST_BLOCK = 1024 * 1024;
export const MOST_REPLICATION = 512;
const SUPERGROUP = 'supergroup';
const ROOT_ID = 16_385;

/** Opens the file system that is kept in a folder; a new one where there is none. Nobody else may have it open. */
export function openStore(options: StoreOptions): Store {
  const { superuser } = options;
  const now = options.now ?? Date.now;
  const host = openHostFolder(options.folder);
  const root = newRoot(superuser, Math.round(statSync(host.root).mtimeMs));
  let lastId = ROOT_ID;
  const pending: JournalRecord[] = [];
  const journal = Journal.open(host.journal, (record, isLast) => {
    if ('id' in record) lastId = Math.max(lastId, record.id);
    if (isLast) pending.push(record);
    else applyRecord(root, record);
  });
  const store: Store = {
    root,
    host,
    journal,
    superuser,
    supergroup: SUPERGROUP,
    get defaults() {
      return { ...DEFAULTS, ...options.defaults?.() };
    },
    smallestBlock: options.smallestBlock ?? SMALLEST_BLOCK,
    now,
    nextId: () => (lastId += 1),
    idsBefore: lastId,
    handMade: new Set(),
  };
  for (const record of pending) redo(store, record);
  emptyAside(host);
  settle(store);
  return store;
}

/**
 * Makes changes: in the journal, in the folder, in memory. All of them or, when one of the first two fails, none.
 * Nothing else happens meanwhile, so each request sees the namespace before or after it.
 *
 * @param act in place of what a record means for the folder.
 * @throws RemoteException
 */
export function commit(store: Store, record: JournalRecord, act?: () => void): void {
  let before: number | undefined;
  if (touchesFolder(record)) checkInside(store, record);
  try {
    before = store.journal.append([...unknownTo(store, record), record]);
    if (act === undefined) performOnHost(store.host, store.root, record);
    else act();
  } catch (error) {
    if (before !== undefined) store.journal.takeBack(before);
    throw hostFailure(error);
  }
  markJournaled(store, record);
  applyRecord(store.root, record);
  if (store.journal.isLong) compact(store);
}

/** The change is made already: when the disk has no space for a second journal, the first one goes on growing. */
function compact({ journal, root }: Store): void {
  try {
    journal.compact(allRecords(root));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

/** Whether the change is one of the folder, too. What is closed has its descriptor. */
function touchesFolder(record: JournalRecord): boolean {
  return record.op !== 'close' && record.op !== 'put' && (record.op !== 'set' || record.mtime !== undefined);
}

/** Somebody may have put a link in the place of a folder that memory knows. */
function checkInside(store: Store, record: JournalRecord): void {
  const sources = record.op === 'concat' ? record.sources : [];
  const paths = record.op === 'rename' ? [record.path, record.to] : [record.path, ...sources];
  for (const parent of new Set(paths.map(parentPathOf))) {
    const directory = findInode(store.root, parent);
    if (directory === undefined || isInside(store.host, directory)) continue;
    throw new RemoteException('IOException', `${parent} is not a folder of the data any more.`);
  }
}

export function closeStore(store: Store): void {
  store.journal.close();
}

function newRoot(superuser: string, time: number): DirectoryInode {
  const owner = { owner: superuser, group: SUPERGROUP, mode: 0o755 };
  return newDirectory({
    id: ROOT_ID,
    name: '',
    parent: undefined,
    ...owner,
    mtime: time,
    atime: 0,
    journaled: true,
  });
}

/** The server may have been killed between the journal and the folder. */
function redo(store: Store, record: JournalRecord): void {
  try {
    const rest = unfinished(store.host, store.root, record);
    if (rest !== undefined) performOnHost(store.host, store.root, rest);
  } catch {
    // It could not be done then either, and nobody was told that it was.
    store.journal.takeBackLast();
    return;
  }
  applyRecord(store.root, record);
}

/** Files whose writer went with the server keep what had arrived, as HDFS does when a lease is recovered. */
function settle(store: Store): void {
  for (const inode of allInodes(store.root)) {
    if (inode.kind !== 'file' || inode.lease === undefined) continue;
    const found = statSync(hostPath(store.host, inode), { throwIfNoEntry: false });
    const { length, mtime } = inode;
    const [size, time] = found?.isFile() ? [found.size, Math.round(found.mtimeMs)] : [length, mtime];
    const blocks = blocksAfterAppend(inode, size);
    commit(store, { op: 'close', path: pathOf(inode), length: size, time, ...(blocks && { blocks }) });
  }
}

/** Records of what the change touches and the journal has not heard of: it came into the folder by hand. */
function unknownTo(store: Store, record: JournalRecord): readonly JournalRecord[] {
  return unknownInodes(store, record).map(putRecord);
}

function markJournaled(store: Store, record: JournalRecord): void {
  for (const inode of unknownInodes(store, record)) inode.journaled = true;
}

function unknownInodes(store: Store, record: JournalRecord): readonly Inode[] {
  const unknown: Inode[] = [];
  for (const path of record.op === 'rename' ? [record.path, record.to] : [record.path]) {
    const chain: Inode[] = [];
    for (
      let inode = nearest(store.root, path);
      inode !== undefined && !inode.journaled;
      inode = inode.parent
    ) {
      chain.unshift(inode);
    }
    unknown.push(...chain.filter((inode) => !unknown.includes(inode)));
  }
  if (record.op === 'snapshot') {
    const directory = findInode(store.root, record.path);
    if (directory?.kind === 'directory') {
      for (const inode of inodesBelow(directory)) if (!inode.journaled) unknown.push(inode);
    }
  }
  return unknown;
}

/** The inode itself, or what is there of the way to it. */
function nearest(root: DirectoryInode, path: string): Inode | undefined {
  return findInode(root, path) ?? findInode(root, parentPathOf(path));
}

/** What the host could not do, in HDFS' words. */
export function hostFailure(error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof RemoteException) return error;
  return new RemoteException('IOException', HOST_FAILURES[code] ?? `The host's file system answers ${code}.`);
}

const HOST_FAILURES: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
  EROFS: 'Read-only file system',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'The path is too long for the file system of this machine.',
};
