import { checkAccess, WRITE } from './access.ts';
import { blockLengths } from './blocks.ts';
import type { Caller } from './caller.ts';
import { type FileInode, pathOf } from './inode.ts';
import { existingFile, lookUp } from './lookUp.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';
import { checkNotWritten } from './writeFile.ts';

/**
 * Cuts a file.
 *
 * @returns whether the cut is between two blocks. Real HDFS has to work on the last block otherwise; here the file
 *   can be used at once in both cases.
 * @throws RemoteException HadoopIllegalArgumentException, FileNotFoundException, AccessControlException
 */
export function truncate(store: Store, caller: Caller, path: string, length: number): boolean {
  const place = lookUp(store, caller, path, 'write');
  const file = existingFile(place, (missing) => `File does not exist: ${missing}`);
  checkAccess(caller, file, WRITE);
  checkNotWritten(file, caller, 'TRUNCATE_FILE');
  if (length > file.length) {
    throw new RemoteException(
      'HadoopIllegalArgumentException',
      `Cannot truncate to a larger file size. Current size: ${file.length}, truncate size: ${length}.`,
    );
  }
  if (length === file.length) return true;
  const between = isBetweenBlocks(file, length);
  commit(store, { op: 'truncate', path: pathOf(file), length, time: store.now() });
  return between;
}

function isBetweenBlocks(file: FileInode, length: number): boolean {
  let end = 0;
  for (const block of blockLengths(file)) {
    if (end >= length) break;
    end += block;
  }
  return end === length;
}
