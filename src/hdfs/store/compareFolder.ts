import { lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import { hostPath, isInside } from './hostFolder.ts';
import { isOneName, nameFromHost, OWN_FOLDER } from './hostNames.ts';
import {
  addChild,
  type DirectoryInode,
  type Inode,
  NEVER_COMPARED,
  newDirectory,
  newFile,
  removeChild,
} from './inode.ts';
import type { Store } from './store.ts';

/**
 * A child of a directory by its name, also one that somebody has put into the folder by hand.
 * The child that memory knows is not looked at; `isPresent` does that.
 */
export function childOf(store: Store, directory: DirectoryInode, name: string): Inode | undefined {
  const known = directory.children.get(name);
  if (known !== undefined || directory.frozen) return known;
  // On a host that knows no case, another file would answer to this name.
  if (store.host.foldsCase) {
    compareChildren(store, directory);
    return directory.children.get(name);
  }
  if (!isOneName(name) || name.includes('\0') || isOwn(directory, name)) return undefined;
  const hostFile = path.join(hostPath(store.host, directory), name);
  const found = statOf(hostFile);
  if (found === undefined || !isInside(store.host, directory)) return undefined;
  return adopt(store, directory, name, undefined, found);
}

/** A child as it is now: looked at in the folder. */
export function presentChild(store: Store, directory: DirectoryInode, name: string): Inode | undefined {
  const child = childOf(store, directory, name);
  if (child === undefined || isPresent(store, child)) return child;
  return directory.children.get(name);
}

/** Looks whether an inode is still there, and takes over what was done to its contents by hand. */
function isPresent(store: Store, inode: Inode): boolean {
  if (inode.frozen || inode.parent === undefined) return true;
  const found = isInside(store.host, inode.parent) ? statOf(hostPath(store.host, inode)) : undefined;
  if (found === undefined || found.isDirectory() !== (inode.kind === 'directory')) {
    removeChild(inode.parent, inode.name);
    if (found !== undefined) adopt(store, inode.parent, inode.name, inode.hostName, found);
    return false;
  }
  takeOver(store, inode, found);
  return true;
}

/**
 * Brings the names of a directory in line with its folder. One `stat` when nothing has happened there since the
 * last time.
 */
export function compareChildren(store: Store, directory: DirectoryInode): void {
  if (directory.frozen) return;
  const folder = hostPath(store.host, directory);
  const changedAt = lstatSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  if (changedAt === undefined) return;
  if (changedAt !== directory.comparedAt) {
    if (!isInside(store.host, directory)) return;
    compareNames(store, directory, folder);
    // Two changes within the clock's grain have the same time: too young, and it is compared again.
    const age = BigInt(Date.now()) * 1_000_000n - changedAt;
    if (age > GRAIN_NS) directory.comparedAt = changedAt;
  }
  lookAtHandMade(store, directory, folder);
}

const GRAIN_NS = 50_000_000n;

function compareNames(store: Store, directory: DirectoryInode, folder: string): void {
  const there = new Set<string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    there.add(entry.name);
    const name = nameFromHost(entry.name);
    const known = directory.children.get(name);
    if (known?.kind === (entry.isFile() ? 'file' : 'directory')) {
      if (known.id <= store.idsBefore && directory.comparedAt === NEVER_COMPARED) isPresent(store, known);
      continue;
    }
    if (isOwn(directory, entry.name)) continue;
    const found = statOf(path.join(folder, entry.name));
    if (found !== undefined)
      adopt(store, directory, name, name === entry.name ? undefined : entry.name, found);
  }
  for (const child of directory.children.values()) {
    if (!there.has(child.hostName ?? child.name)) removeChild(directory, child.name);
  }
}

/** A file that somebody copies into the folder grows without a change of the folder. */
function lookAtHandMade(store: Store, directory: DirectoryInode, folder: string): void {
  if (!store.handMade.has(directory)) return;
  let any = false;
  for (const child of directory.children.values()) {
    if (child.kind !== 'file' || !child.byHand) continue;
    any = true;
    const found = statOf(path.join(folder, child.hostName ?? child.name));
    if (found?.isFile()) takeOver(store, child, found);
  }
  if (!any) store.handMade.delete(directory);
}

function takeOver(store: Store, inode: Inode, found: Stats): void {
  if (inode.kind !== 'file' || inode.lease !== undefined) return;
  const changedAt = Math.round(found.mtimeMs);
  if (found.size === inode.length && changedAt === inode.mtime) return;
  inode.byHand = true;
  if (inode.parent !== undefined) store.handMade.add(inode.parent);
  inode.length = found.size;
  inode.mtime = changedAt;
  inode.blocks = undefined;
}

function adopt(
  store: Store,
  parent: DirectoryInode,
  name: string,
  hostName: string | undefined,
  found: Stats,
): Inode {
  const time = Math.round(found.mtimeMs);
  const fields = {
    id: store.nextId(),
    name,
    hostName,
    parent,
    owner: store.superuser,
    group: parent.group,
    mtime: time,
    journaled: false,
  };
  const inode = found.isDirectory()
    ? newDirectory({ ...fields, mode: 0o755, atime: 0 })
    : newFile({ ...fields, ...store.defaults, mode: 0o644, atime: time, length: found.size });
  if (inode.kind === 'file') {
    inode.byHand = true;
    store.handMade.add(parent);
  }
  addChild(parent, inode);
  return inode;
}

/** Links and what else is neither a file nor a folder does not exist for HDFS. */
function statOf(hostFile: string): Stats | undefined {
  try {
    const found = lstatSync(hostFile, { throwIfNoEntry: false });
    return found?.isFile() || found?.isDirectory() ? found : undefined;
  } catch {
    // Its name is too long, or a part of its path is a file now.
    return undefined;
  }
}

function isOwn(directory: DirectoryInode, hostName: string): boolean {
  return directory.parent === undefined && hostName === OWN_FOLDER;
}
