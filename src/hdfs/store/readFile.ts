import { closeSync, constants, openSync, read, readSync } from 'node:fs';
import { checkAccess, READ } from './access.ts';
import type { Caller } from './caller.ts';
import { hostPath, isInside } from './hostFolder.ts';
import { type FileInode, pathOf } from './inode.ts';
import { existingFile, lookUp } from './lookUp.ts';
import { RemoteException } from './remoteException.ts';
import { commit, hostFailure, type Store } from './store.ts';

/** A file that is open for reading. Its length is that of the moment it was opened. */
export interface FileReader {
  readonly file: FileInode;
  readonly length: number;
  /** Fills the buffer from a position as far as there is something. */
  read(buffer: Buffer, position: number): Promise<number>;
  readSync(buffer: Buffer, position: number): number;
  close(): void;
}

/** HDFS notes reading at most this often. */
const ACCESS_TIME_PRECISION_MS = 3_600_000;

/** @throws RemoteException FileNotFoundException, AccessControlException */
export function openFile(store: Store, caller: Caller, path: string): FileReader {
  const place = lookUp(store, caller, path, 'read');
  const file = existingFile(place, (missing) => `File does not exist: ${missing}`);
  checkAccess(caller, file, READ);
  const reader = openInode(store, file);
  if (store.now() > file.atime + ACCESS_TIME_PRECISION_MS && !file.frozen) {
    commit(store, { op: 'set', path: pathOf(file), atime: store.now() });
  }
  return reader;
}

/** Opens a file that has been looked up and may be read. */
export function openInode(store: Store, file: FileInode): FileReader {
  if (file.parent !== undefined && !isInside(store.host, file.parent)) {
    throw new RemoteException('FileNotFoundException', `File does not exist: ${pathOf(file)}`);
  }
  let descriptor: number;
  try {
    descriptor = openSync(hostPath(store.host, file), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw hostFailure(error);
  }
  return {
    file,
    length: file.length,
    read: (buffer, position) => readAt(descriptor, buffer, position),
    readSync: (buffer, position) => readSync(descriptor, buffer, 0, buffer.length, position),
    close: () => closeSync(descriptor),
  };
}

async function readAt(descriptor: number, buffer: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}
