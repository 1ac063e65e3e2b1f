import type { Caller } from './caller.ts';
import { compareChildren, presentChild } from './compareFolder.ts';
import type { DirectoryInode } from './inode.ts';
import { sortedChildren } from './nameOrder.ts';
import type { Store } from './store.ts';

/** The trash folders that exist: the caller's, or everybody's. */
export function trashRoots(store: Store, caller: Caller, ofAll: boolean): readonly DirectoryInode[] {
  const homes = presentChild(store, store.root, 'user');
  if (homes?.kind !== 'directory') return [];
  compareChildren(store, homes);
  const users = sortedChildren(homes).filter((home) => ofAll || home.name === caller.user);
  return users.flatMap((home) => {
    const trash = home.kind === 'directory' ? presentChild(store, home, '.Trash') : undefined;
    return trash?.kind === 'directory' ? [trash] : [];
  });
}
