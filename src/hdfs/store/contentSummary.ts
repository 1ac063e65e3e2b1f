import { checkAccess, EXECUTE, READ } from './access.ts';
import type { Caller } from './caller.ts';
import { compareChildren } from './compareFolder.ts';
import type { Inode } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { sortedChildren } from './nameOrder.ts';
import type { Store } from './store.ts';

export interface ContentSummary {
  readonly inode: Inode;
  readonly length: number;
  readonly files: number;
  readonly directories: number;
  /** Times replication. */
  readonly spaceConsumed: number;
}

/**
 * Counts a file or a directory and all below it.
 *
 * @param purpose in which words, and about which directory first, HDFS refuses it.
 * @throws RemoteException FileNotFoundException, AccessControlException
 */
export function contentSummary(
  store: Store,
  caller: Caller,
  path: string,
  purpose: 'summary' | 'quota',
): ContentSummary {
  const what = purpose === 'summary' ? 'File' : 'File/Directory';
  const inode = existing(
    lookUp(store, caller, path, 'read'),
    (missing) => `${what} does not exist: ${missing}`,
  );
  let [length, files, directories, spaceConsumed] = [0, 0, 0, 0];
  const waiting: Inode[] = [inode];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    if (current.kind === 'file') {
      files += 1;
      length += current.length;
      spaceConsumed += current.length * current.replication;
      continue;
    }
    directories += 1;
    if (!caller.isSuper) checkAccess(caller, current, READ | EXECUTE);
    compareChildren(store, current);
    const children = sortedChildren(current);
    for (const child of purpose === 'summary' ? children.toReversed() : children) waiting.push(child);
  }
  return { inode, length, files, directories, spaceConsumed };
}
