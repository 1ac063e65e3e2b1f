import { checkAccess, READ, WRITE } from './access.ts';
import type { Caller } from './caller.ts';
import { type Inode, pathOf } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';

export interface StoragePolicy {
  readonly id: number;
  readonly name: string;
  readonly storageTypes: readonly string[];
  readonly creationFallbacks: readonly string[];
  readonly replicationFallbacks: readonly string[];
  readonly copyOnCreateFile: boolean;
}

/** HDFS' own, in the order in which it names them. Here they are remembered and mean nothing. */
export const STORAGE_POLICIES: readonly StoragePolicy[] = [
  policy(1, 'PROVIDED', ['PROVIDED', 'DISK'], ['PROVIDED', 'DISK'], ['PROVIDED', 'DISK']),
  policy(2, 'COLD', ['ARCHIVE'], [], []),
  policy(5, 'WARM', ['DISK', 'ARCHIVE'], ['DISK', 'ARCHIVE'], ['DISK', 'ARCHIVE']),
  policy(7, 'HOT', ['DISK'], [], ['ARCHIVE']),
  policy(10, 'ONE_SSD', ['SSD', 'DISK'], ['SSD', 'DISK'], ['SSD', 'DISK']),
  policy(12, 'ALL_SSD', ['SSD'], ['DISK'], ['DISK']),
  policy(14, 'ALL_NVDIMM', ['NVDIMM'], ['DISK'], ['DISK']),
  policy(15, 'LAZY_PERSIST', ['RAM_DISK', 'DISK'], ['DISK'], ['DISK'], true),
];

const DEFAULT_ID = 7;

/** The policy that holds for a file or a directory: its own or that of the nearest directory with one. */
export function storagePolicyOf(store: Store, caller: Caller, path: string): StoragePolicy {
  const place = lookUp(store, caller, path, 'read');
  const inode = existing(place, (missing) => `File/Directory does not exist: ${missing}`);
  if (!caller.isSuper) checkAccess(caller, inode, READ);
  return STORAGE_POLICIES.find((each) => each.id === effectivePolicyId(inode)) ?? STORAGE_POLICIES[3]!;
}

/** Undefined name: as above it again. @throws RemoteException */
export function setStoragePolicy(store: Store, caller: Caller, path: string, name: string | undefined): void {
  const place = lookUp(store, caller, path, 'write');
  const wanted = STORAGE_POLICIES.find((each) => each.name === name?.toUpperCase());
  if (name !== undefined && wanted === undefined) {
    throw new RemoteException(
      'HadoopIllegalArgumentException',
      `Cannot find a block policy with the name ${name}`,
    );
  }
  if (place.inode !== undefined) checkAccess(caller, place.inode, WRITE);
  const inode = existing(place, (missing) => `File/Directory does not exist: ${missing}`);
  commit(store, { op: 'set', path: pathOf(inode), storagePolicy: wanted?.id ?? 0 });
}

/** Id that a file's status shows: 0 when nothing was ever set. */
export function shownPolicyId(inode: Inode): number {
  for (let current: Inode | undefined = inode; current !== undefined; current = current.parent) {
    if (current.storagePolicy !== 0) return current.storagePolicy;
  }
  return 0;
}

function effectivePolicyId(inode: Inode): number {
  return shownPolicyId(inode) || DEFAULT_ID;
}

function policy(
  id: number,
  name: string,
  storageTypes: readonly string[],
  creationFallbacks: readonly string[],
  replicationFallbacks: readonly string[],
  copyOnCreateFile = false,
): StoragePolicy {
  return { id, name, storageTypes, creationFallbacks, replicationFallbacks, copyOnCreateFile };
}
