import type { DirectoryInode, Inode } from './inode.ts';
import { pathOf } from './inode.ts';
import { inodesBelow } from './image.ts';
import { RemoteException } from './remoteException.ts';

export interface Usage {
  /** Files and directories. */
  readonly names: number;
  /** Times replication. */
  readonly bytes: number;
}

/**
 * Checks the quotas of a directory and of all above it, up to `upTo`, where there is more to come.
 *
 * @throws RemoteException NSQuotaExceededException, DSQuotaExceededException
 */
export function checkQuota(directory: DirectoryInode, more: Usage, upTo?: DirectoryInode): void {
  let current: DirectoryInode | undefined = directory;
  for (; current !== undefined && current !== upTo; current = current.parent) {
    const { namespaceQuota, spaceQuota } = current;
    if (namespaceQuota < 0 && spaceQuota < 0) continue;
    const used = usageOf(current);
    const [names, bytes] = [used.names + more.names, used.bytes + more.bytes];
    if (namespaceQuota >= 0 && more.names > 0 && names > namespaceQuota) {
      const where = `directory ${pathOf(current)} is exceeded: quota=${namespaceQuota} file count=${names}`;
      throw new RemoteException(
        'NSQuotaExceededException',
        `The NameSpace quota (directories and files) of ${where}`,
      );
    }
    if (spaceQuota >= 0 && more.bytes > 0 && bytes > spaceQuota) {
      const sizes = `quota = ${withUnit(spaceQuota)} but diskspace consumed = ${withUnit(bytes)}`;
      throw new RemoteException(
        'DSQuotaExceededException',
        `The DiskSpace quota of ${pathOf(current)} is exceeded: ${sizes}`,
      );
    }
  }
}

/** Whether any directory from here up limits the bytes. */
export function hasSpaceQuota(directory: DirectoryInode | undefined): boolean {
  for (let current = directory; current !== undefined; current = current.parent) {
    if (current.spaceQuota >= 0) return true;
  }
  return false;
}

export function usageOf(inode: Inode): Usage {
  if (inode.kind === 'file') return { names: 1, bytes: inode.length * inode.replication };
  let [names, bytes] = [1, 0];
  for (const below of inodesBelow(inode)) {
    names += 1;
    if (below.kind === 'file') bytes += below.length * below.replication;
  }
  return { names, bytes };
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** As `402653184 B = 384 MB`. */
function withUnit(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const amount = bytes / 2 ** (10 * power);
  const text = Number.isInteger(amount) ? String(amount) : amount.toFixed(2);
  return `${bytes} B = ${text} ${UNITS[power]}`;
}

/** What WebHDFS tells of the limits of a file or directory. */
export function quotaOf(inode: Inode, spaceConsumed: number): Readonly<Record<string, unknown>> {
  if (inode.kind === 'file') return { quota: -1, spaceQuota: -1, typeQuota: {} };
  const { namespaceQuota, spaceQuota, typeQuotas = {} } = inode;
  const types = Object.entries(typeQuotas).map(([type, quota]) => [
    type,
    { consumed: type === 'DISK' ? spaceConsumed : 0, quota },
  ]);
  return { quota: namespaceQuota, spaceQuota, typeQuota: Object.fromEntries(types) };
}
