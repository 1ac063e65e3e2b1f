import type { DirectoryInode, Inode } from '../store/inode.ts';
import { shownPolicyId } from '../store/storagePolicies.ts';

/**
 * A FileStatus in JSON, written by hand: listings consist of thousands of them.
 *
 * @param pathSuffix the name in a listing; empty for the status of one path.
 */
export function statusJson(inode: Inode, pathSuffix: string): string {
  const isFile = inode.kind === 'file';
  const { acl } = inode;
  const hasAcl = acl !== undefined || (!isFile && inode.defaultAcl !== undefined);
  return (
    `{${hasAcl ? '"aclBit":true,' : ''}"accessTime":${inode.atime},"blockSize":${isFile ? inode.blockSize : 0},` +
    `"childrenNum":${isFile ? 0 : inode.children.size},"fileId":${inode.id},"group":${quoted(inode.group)},` +
    `"length":${isFile ? inode.length : 0},"modificationTime":${inode.mtime},"owner":${quoted(inode.owner)},` +
    `"pathSuffix":${quoted(pathSuffix)},"permission":"${inode.mode.toString(8)}",` +
    `"replication":${isFile ? inode.replication : 0},` +
    (!isFile && isSnapshotEnabled(inode) ? '"snapshotEnabled":true,' : '') +
    `"storagePolicy":${shownPolicyId(inode)},"type":"${isFile ? 'FILE' : 'DIRECTORY'}"}`
  );
}

/** What a directory holds, as `FileStatuses`. */
export function statusesJson(entries: readonly Inode[], isFile: boolean): string {
  const statuses = entries.map((entry) => statusJson(entry, isFile ? '' : entry.name));
  return `{"FileStatuses":{"FileStatus":[${statuses.join(',')}]}}`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[\w.:=+ -]*$/;

/** HDFS says it of the root from the start, though it allows none there before it is asked to. */
function isSnapshotEnabled(directory: DirectoryInode): boolean {
  return directory.snapshots !== undefined || directory.parent === undefined;
}
