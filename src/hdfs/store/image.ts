import { type DirectoryInode, type Inode, pathOf } from './inode.ts';
import { snapshotPath } from './inodePath.ts';
import type { JournalRecord, PutRecord } from './record.ts';

/** Records that make the whole namespace again, parents first. What came into the folder by hand stays out. */
export function* allRecords(root: DirectoryInode): Generator<JournalRecord> {
  for (const inode of allInodes(root)) {
    if (!inode.journaled) continue;
    yield putRecord(inode);
    if (inode.kind !== 'directory') continue;
    for (const { id, name, createdAt, root: frozen } of inode.snapshots?.values() ?? []) {
      yield { ...putRecord(frozen), path: snapshotPath(pathOf(inode), name), snapshot: { id, createdAt } };
      for (const below of inodesBelow(frozen)) yield putRecord(below);
    }
  }
}

/** A directory and all below it, without what is in snapshots. */
export function* allInodes(directory: DirectoryInode): Generator<Inode> {
  yield directory;
  yield* inodesBelow(directory);
}

export function* inodesBelow(directory: DirectoryInode): Generator<Inode> {
  const waiting: Inode[] = [...directory.children.values()];
  for (let inode = waiting.pop(); inode !== undefined; inode = waiting.pop()) {
    yield inode;
    if (inode.kind === 'directory') for (const child of inode.children.values()) waiting.push(child);
  }
}

export function putRecord(inode: Inode): PutRecord {
  const { kind, hostName, id, owner, group, mode, mtime, atime, acl } = inode;
  const common = {
    op: 'put' as const,
    path: pathOf(inode),
    kind,
    hostName,
    id,
    owner,
    group,
    mode,
    mtime,
    atime,
    acl,
  };
  const attributes = {
    ...common,
    storagePolicy: inode.storagePolicy || undefined,
    xattrs: inode.xattrs === undefined ? undefined : encodedXattrs(inode.xattrs),
  };
  if (inode.kind === 'file') {
    const { length, replication, blockSize, blocks } = inode;
    const state = { byHand: inode.byHand || undefined, writing: inode.lease !== undefined || undefined };
    return { ...attributes, length, replication, blockSize, blocks, ...state };
  }
  const { defaultAcl, namespaceQuota, spaceQuota, typeQuotas } = inode;
  const quotas = { namespaceQuota: setQuota(namespaceQuota), spaceQuota: setQuota(spaceQuota), typeQuotas };
  return { ...attributes, defaultAcl, ...quotas, snapshottable: inode.snapshots !== undefined || undefined };
}

/** All extended attributes as a record keeps them. */
export function encodedXattrs(xattrs: ReadonlyMap<string, Buffer>): Readonly<Record<string, string>> {
  return Object.fromEntries([...xattrs].map(([name, value]) => [name, value.toString('base64')]));
}

function setQuota(quota: number): number | undefined {
  return quota === -1 ? undefined : quota;
}
