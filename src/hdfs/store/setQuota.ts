import { checkSuperuser } from './access.ts';
import type { Caller } from './caller.ts';
import { pathOf } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';

/** New limits; undefined: as they are, -1: none. */
export interface NewQuota {
  readonly names?: number | undefined;
  readonly bytes?: number | undefined;
  /** Bytes on one type of storage, as `SSD`. */
  readonly type?: string | undefined;
}

/** @throws RemoteException AccessControlException, FileNotFoundException, IllegalArgumentException */
export function setQuota(store: Store, caller: Caller, path: string, quota: NewQuota): void {
  const { names, bytes, type } = quota;
  checkSuperuser(caller, 'setSpaceQuota');
  const place = lookUp(store, caller, path, 'write');
  const inode = existing(place, (missing) => `Directory does not exist: ${missing}`);
  if (inode.kind === 'file') {
    throw new RemoteException('PathIsNotDirectoryException', `\`${place.path}': Is not a directory`);
  }
  if (type !== undefined) {
    if (!STORAGE_TYPES.has(type)) {
      const why = `No enum constant org.apache.hadoop.fs.StorageType.${type}`;
      throw new RemoteException('IllegalArgumentException', why);
    }
    const others = Object.entries(inode.typeQuotas ?? {}).filter(([name]) => name !== type);
    const own = bytes === undefined || bytes === -1 ? [] : [[type, bytes] as const];
    commit(store, { op: 'set', path: pathOf(inode), typeQuotas: Object.fromEntries([...others, ...own]) });
    return;
  }
  commit(store, {
    op: 'set',
    path: pathOf(inode),
    ...(names === undefined ? {} : { namespaceQuota: names }),
    ...(bytes === undefined ? {} : { spaceQuota: bytes }),
  });
}

const STORAGE_TYPES = new Set(['RAM_DISK', 'SSD', 'DISK', 'ARCHIVE', 'PROVIDED', 'NVDIMM']);
