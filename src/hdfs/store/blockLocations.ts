import { checkAccess, READ } from './access.ts';
import { type Block, blocksOf } from './blocks.ts';
import type { Caller } from './caller.ts';
import type { FileInode } from './inode.ts';
import { existingFile, lookUp } from './lookUp.ts';
import type { Store } from './store.ts';

/**
 * The blocks of a file that lie in a range of it.
 *
 * @throws RemoteException FileNotFoundException, AccessControlException
 */
export function blockLocations(
  store: Store,
  caller: Caller,
  path: string,
  offset: number,
  length: number,
): { readonly file: FileInode; readonly blocks: readonly Block[] } {
  const place = lookUp(store, caller, path, 'read');
  const file = existingFile(place, (missing) => `File does not exist: ${missing}`);
  checkAccess(caller, file, READ);
  const blocks = [...blocksOf(file)].filter(
    (block) => block.offset < offset + length && block.offset + block.length > offset,
  );
  return { file, blocks };
}
