import type { DirectoryInode, Inode } from '../store/inode.ts';
import { shownPolicyId } from '../store/storagePolicies.ts';

/**
 * A FileStatus in JSON, written by hand: listings consist of thousands of them.
 *
 * @param pathSuffix the name in a listing; empty for the status of one path.
 * @param policy id of its storage policy, where that is known.
 */
export function statusJson(inode: Inode, pathSuffix: string, policy = shownPolicyId(inode)): string {
  const isFile = inode.kind === 'file';
  const { acl } = inode;
  const hasAcl = acl !== undefined || (!isFile && inode.defaultAcl !== undefined);
  return (
    `{${hasAcl ? '"aclBit":true,' : ''}"accessTime":${inode.atime},"blockSize":${isFile ? inode.blockSize : 0},` +
    `"childrenNum":${isFile ? 0 : inode.children.size},"fileId":${inode.id},"group":${quotedName(inode.group)},` +
    `"length":${isFile ? inode.length : 0},"modificationTime":${inode.mtime},"owner":${quotedName(inode.owner)},` +
    `"pathSuffix":${quoted(pathSuffix)},"permission":"${octal(inode.mode)}",` +
    `"replication":${isFile ? inode.replication : 0},` +
    (!isFile && isSnapshotEnabled(inode) ? '"snapshotEnabled":true,' : '') +
    `"storagePolicy":${policy},"type":"${isFile ? 'FILE' : 'DIRECTORY'}"}`
  );
}

/** What a directory holds, as `FileStatuses`. */
export function statusesJson(entries: readonly Inode[], isFile: boolean): string {
  // Of most, it is that of the directory.
  const inherited = entries[0]?.parent === undefined ? 0 : shownPolicyId(entries[0].parent);
  let statuses = '';
  for (const entry of entries) {
    if (statuses !== '') statuses += ',';
    statuses += statusJson(entry, isFile ? '' : entry.name, entry.storagePolicy || inherited);
  }
  return `{"FileStatuses":{"FileStatus":[${statuses}]}}`;
}

const OCTALS: string[] = [];

function octal(mode: number): string {
  return (OCTALS[mode] ??= mode.toString(8));
}

/** Users and groups are few. */
const NAMES = new Map<string, string>();
const MOST_NAMES = 1000;

function quotedName(name: string): string {
  const known = NAMES.get(name);
  if (known !== undefined) return known;
  if (NAMES.size >= MOST_NAMES) NAMES.clear();
  const text = JSON.stringify(name);
  NAMES.set(name, text);
  return text;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[\w.:=+ -]*$/;

/** HDFS says it of the root from the start, though it allows none there before it is asked to. */
function isSnapshotEnabled(directory: DirectoryInode): boolean {
  return directory.snapshots !== undefined || directory.parent === undefined;
}
