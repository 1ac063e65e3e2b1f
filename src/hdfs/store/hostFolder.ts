import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { OWN_FOLDER } from './hostNames.ts';
import { type DirectoryInode, type Inode, isSnapshotRoot } from './inode.ts';

/** Where the data lie: files as plain files at their own paths, and what is ours in a folder aside. */
export interface HostFolder {
  /** Absolute, without links in it. */
  readonly root: string;
  readonly journal: string;
  readonly snapshots: string;
  /** Contents that are being put together, by the id of their file. */
  readonly aside: string;
  /** What has been deleted and goes in the background. */
  readonly deleted: string;
  /** Whether the file system takes `A` and `a` for the same name. */
  readonly foldsCase: boolean;
}

/** Makes the folders that are missing, and has what was deleted before a kill removed. */
export function openHostFolder(folder: string): HostFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const root = realpathSync.native(folder);
  const own = path.join(root, OWN_FOLDER);
  const host = {
    root,
    journal: path.join(own, 'journal.jsonl'),
    snapshots: path.join(own, 'snapshots'),
    aside: path.join(own, 'aside'),
    deleted: path.join(own, 'deleted'),
  };
  for (const each of [host.snapshots, host.aside, host.deleted])
    mkdirSync(each, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(host.deleted)) void removeInBackground(path.join(host.deleted, name));
  return { ...host, foldsCase: foldsCase(own) };
}

/** What a kill has left half put together belongs to nothing. */
export function emptyAside({ aside }: HostFolder): void {
  for (const name of readdirSync(aside)) rmSync(path.join(aside, name), { recursive: true, force: true });
}

/** Where the host keeps an inode. */
export function hostPath(host: HostFolder, inode: Inode): string {
  let below = '';
  let current = inode;
  while (current.parent !== undefined) {
    if (isSnapshotRoot(current)) return snapshotFolder(host, current.parent, current.name) + below;
    below = `/${current.hostName ?? current.name}${below}`;
    current = current.parent;
  }
  return host.root + below;
}

export function snapshotFolder(host: HostFolder, directory: DirectoryInode, name: string): string {
  return path.join(host.snapshots, String(directory.snapshots?.get(name)?.id));
}

/** Whether a directory's folder is where it should be: no link leads out of the root on the way. */
export function isInside(host: HostFolder, directory: Inode): boolean {
  const expected = hostPath(host, directory);
  try {
    return realpathSync.native(expected) === expected;
  } catch {
    return false;
  }
}

export async function removeInBackground(hostFile: string): Promise<void> {
  // What stays, a folder somebody else owns, is tried again with the next start.
  await rm(hostFile, { recursive: true, force: true }).catch(() => {});
}

function foldsCase(own: string): boolean {
  const probe = path.join(own, 'Probe');
  writeFileSync(probe, '');
  const folds = lstatSync(path.join(own, 'pROBE'), { throwIfNoEntry: false }) !== undefined;
  rmSync(probe);
  return folds;
}
