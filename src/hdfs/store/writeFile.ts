import { closeSync, constants, futimesSync, openSync, writeSync } from 'node:fs';
import { checkAccess, WRITE } from './access.ts';
import { blocksAfterAppend } from './blocks.ts';
import type { Caller } from './caller.ts';
import { createOnHost } from './hostActions.ts';
import { hostPath } from './hostFolder.ts';
import { childPath, type FileInode, pathOf } from './inode.ts';
import { findInode } from './inodePath.ts';
import { checkAncestor, existingFile, lookUp, type Place } from './lookUp.ts';
import { makeParents } from './makeDirectories.ts';
import { inherited, newHostName } from './newInode.ts';
import { checkQuota, hasSpaceQuota } from './quota.ts';
import type { CreateRecord } from './record.ts';
import { RemoteException } from './remoteException.ts';
import { commit, hostFailure, MOST_REPLICATION, type Store } from './store.ts';
import { checkNewName, checkPathLength } from './validName.ts';
import { writeAt } from './writeAt.ts';

export interface CreateOptions {
  readonly overwrite: boolean;
  readonly createParent: boolean;
  readonly mode: number;
  /** Before the caller's umask. */
  readonly unmasked?: number | undefined;
  readonly replication?: number | undefined;
  /** Bytes. */
  readonly blockSize?: number | undefined;
}

/** A file on its way. What others see of it is its length before. */
export interface FileWriter {
  /** Appends the chunks; resolves when the kernel has them. */
  write(chunks: readonly Buffer[]): Promise<void>;
  /** Makes what was written the file's contents, and lets go of it. Also when not all has arrived. */
  close(): void;
}

/**
 * Makes an empty file and opens it for writing.
 *
 * @throws RemoteException FileAlreadyExistsException, AlreadyBeingCreatedException, AccessControlException, …
 */
export function createFile(store: Store, caller: Caller, path: string, options: CreateOptions): FileWriter {
  checkNewName(path);
  checkPathLength(path);
  checkLimits(store, caller, path, options);
  const place = lookUp(store, caller, path, 'create');
  checkCreation(caller, place, options);
  const parent = makeParents(store, caller, place);
  const record: CreateRecord = {
    op: 'create',
    path: childPath(parent, place.name),
    hostName: place.inode === undefined ? newHostName(store, parent, place.name) : place.inode.hostName,
    id: store.nextId(),
    owner: caller.user,
    group: parent.group,
    time: store.now(),
    replication: options.replication ?? store.defaults.replication,
    blockSize: options.blockSize ?? store.defaults.blockSize,
    ...inherited(parent, options.mode, options.unmasked, 'file'),
  };
  let descriptor = -1;
  commit(store, record, () => {
    descriptor = createOnHost(store.host, store.root, record);
  });
  return newWriter(store, caller, findInode(store.root, record.path) as FileInode, descriptor, 0);
}

/**
 * Opens a file for writing at its end.
 *
 * @throws RemoteException FileNotFoundException, AlreadyBeingCreatedException, AccessControlException
 */
export function appendFile(store: Store, caller: Caller, path: string): FileWriter {
  const place = lookUp(store, caller, path, 'write');
  if (place.inode?.kind === 'directory') {
    throw new RemoteException(
      'FileAlreadyExistsException',
      `Cannot append to directory ${place.path}; already exists as a directory.`,
    );
  }
  const file = existingFile(place, (missing) => `Failed to append to non-existent file ${missing}`);
  checkAccess(caller, file, WRITE);
  checkNotWritten(file, caller, 'APPEND_FILE');
  let descriptor = -1;
  commit(store, { op: 'append', path: pathOf(file) }, () => {
    descriptor = openSync(hostPath(store.host, file), constants.O_WRONLY | constants.O_NOFOLLOW);
  });
  return newWriter(store, caller, file, descriptor, file.length);
}

/** One writer at a time. @throws RemoteException AlreadyBeingCreatedException */
export function checkNotWritten(file: FileInode, caller: Caller, operation: string): void {
  const { lease } = file;
  if (lease === undefined) return;
  throw new RemoteException(
    'AlreadyBeingCreatedException',
    `Failed to ${operation} ${pathOf(file)} for ${newHolder()} on ${caller.machine} because this file lease is ` +
      `currently owned by ${lease.holder} on ${lease.clientMachine}`,
  );
}

function checkCreation(caller: Caller, place: Place, options: CreateOptions): void {
  const { inode, path } = place;
  if (inode?.kind === 'directory' || path === '/') {
    throw new RemoteException('FileAlreadyExistsException', `${path} already exists as a directory`);
  }
  if (inode === undefined) {
    checkAncestor(caller, place);
    if (options.createParent || place.parent !== undefined) return;
    throw new RemoteException('FileNotFoundException', `Parent directory doesn't exist: ${parentPath(path)}`);
  }
  checkAccess(caller, inode, WRITE);
  if (options.overwrite) return;
  checkNotWritten(inode, caller, 'CREATE_FILE');
  throw new RemoteException(
    'FileAlreadyExistsException',
    `${path} for client ${caller.machine} already exists`,
  );
}

function checkLimits(store: Store, caller: Caller, path: string, options: CreateOptions): void {
  const { blockSize, replication } = options;
  if (blockSize !== undefined && blockSize < store.smallestBlock) {
    const limit = `dfs.namenode.fs-limits.min-block-size=${store.smallestBlock}`;
    throw new RemoteException(
      'IOException',
      `Specified block size ${blockSize} is less than configured minimum value ${limit}`,
    );
  }
  if (replication !== undefined && replication > MOST_REPLICATION) {
    throw new RemoteException(
      'IOException',
      `Requested replication factor of ${replication} exceeds maximum of ${MOST_REPLICATION} for ${path}, ` +
        `clientName=${caller.machine}`,
    );
  }
}

function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/**
 * Up to here, copying to the page cache costs less than a turn through a thread. A large body comes in chunks of 64 KiB:
 * while a thread writes some, the next ones are received.
 */
const SMALL_BYTES = 16 * 1024;

function newWriter(
  store: Store,
  caller: Caller,
  file: FileInode,
  descriptor: number,
  start: number,
): FileWriter {
  const lease = { holder: newHolder(), clientMachine: caller.machine };
  file.lease = lease;
  let position = start;
  let isOpen = true;
  const limited = hasSpaceQuota(file.parent);
  return {
    async write(chunks) {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const allowed = limited ? allowedBytes(file, position, bytes) : bytes;
      const accepted = allowed === bytes ? chunks : [Buffer.concat(chunks).subarray(0, allowed)];
      try {
        if (allowed <= SMALL_BYTES) position += writeSmall(descriptor, accepted, position);
        else await writeAt(descriptor, accepted, position, (count) => (position += count));
      } catch (error) {
        throw hostFailure(error);
      }
      if (allowed < bytes) checkNextBlock(file, position);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      try {
        finish(store, file, lease, descriptor, position);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

function finish(
  store: Store,
  file: FileInode,
  lease: FileInode['lease'],
  descriptor: number,
  length: number,
): void {
  const path = pathOf(file);
  if (file.lease !== lease || findInode(store.root, path) !== file) {
    throw new RemoteException('FileNotFoundException', `File does not exist: ${path} (inode ${file.id})`);
  }
  const time = store.now();
  futimesSync(descriptor, time / 1000, time / 1000);
  // The file can't stay open for ever because the journal's disk is full: memory and the next start agree on this.
  const blocks = blocksAfterAppend(file, length);
  [file.lease, file.length, file.mtime, file.blocks] = [undefined, length, time, blocks];
  commit(store, { op: 'close', path, length, time, blocks });
}

/** How much may be written before a quota is in the way: HDFS asks for a whole block at a time. */
function allowedBytes(file: FileInode, position: number, bytes: number): number {
  const end = position + bytes;
  let granted = Math.ceil(position / file.blockSize) * file.blockSize;
  while (granted < end) {
    try {
      checkNextBlock(file, granted);
    } catch {
      break;
    }
    granted += file.blockSize;
  }
  return Math.min(end, granted) - position;
}

/** @throws RemoteException DSQuotaExceededException */
function checkNextBlock(file: FileInode, start: number): void {
  const bytes = (start + file.blockSize - file.length) * file.replication;
  checkQuota(file.parent!, { names: 0, bytes });
}

function writeSmall(descriptor: number, chunks: readonly Buffer[], position: number): number {
  let written = 0;
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length;) {
      const count = writeSync(descriptor, chunk, offset, chunk.length - offset, position + written);
      offset += count;
      written += count;
    }
  }
  return written;
}

let writers = 0;

/** As the name of a Java client, which is in messages. */
function newHolder(): string {
  writers += 1;
  return `DFSClient_NONMAPREDUCE_${process.pid}_${writers}`;
}
