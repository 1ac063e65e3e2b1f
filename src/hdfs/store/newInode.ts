import { lstatSync } from 'node:fs';
import path from 'node:path';
import { type AclEntry } from './aclEntry.ts';
import { hostPath } from './hostFolder.ts';
import { hostNameFor } from './hostNames.ts';
import type { DirectoryInode } from './inode.ts';
import type { Store } from './store.ts';

/** Under which name the host is to keep a new entry of a directory; undefined for its own. */
export function newHostName(store: Store, parent: DirectoryInode, name: string): string | undefined {
  const folder = hostPath(store.host, parent);
  return hostNameFor(name, parent.parent === undefined, (hostName) => isTaken(path.join(folder, hostName)));
}

/** `lstat` and not `access`: a link that leads nowhere takes a name as well. */
function isTaken(hostFile: string): boolean {
  return lstatSync(hostFile, { throwIfNoEntry: false }) !== undefined;
}

/** Mode and ACLs of something new. */
export interface Inherited {
  readonly mode: number;
  readonly acl?: readonly AclEntry[];
  readonly defaultAcl?: readonly AclEntry[];
}

/**
 * A default ACL of the directory takes the place of the caller's umask.
 *
 * @param unmasked the mode before the caller's umask, if the caller told it.
 */
export function inherited(
  parent: DirectoryInode,
  mode: number,
  unmasked: number | undefined,
  kind: 'file' | 'directory',
): Inherited {
  const defaults = parent.defaultAcl;
  if (defaults === undefined) return { mode };
  const wanted = unmasked ?? mode;
  const of = (type: AclEntry['type']): number | undefined =>
    defaults.find((entry) => entry.type === type && entry.name === undefined)?.permission;
  const user = (of('user') ?? 7) & (wanted >> 6);
  const other = (of('other') ?? 0) & wanted & 7;
  const mask = of('mask');
  const group = (mask ?? of('group') ?? 0) & ((wanted >> 3) & 7);
  const bits = (wanted & 0o1000) | (user << 6) | (group << 3) | other;
  const extended = defaults.filter((entry) => entry.name !== undefined || entry.type === 'group');
  const acl = mask === undefined ? {} : { acl: extended };
  return { mode: bits, ...acl, ...(kind === 'directory' ? { defaultAcl: defaults } : {}) };
}
