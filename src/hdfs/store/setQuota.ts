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
  if ([names, bytes].some((each) => each !== undefined && each !== -1 && each < (each === bytes ? 0 : 1))) {
    throw new RemoteException(
      'IllegalArgumentException',
      `Illegal value for nsQuota or ssQuota : ${names} and ${bytes}`,
    );
  }
  checkSuperuser(caller);
  const place = lookUp(store, caller, path, 'write');
  const inode = existing(place, (missing) => `Directory does not exist: ${missing}`);
  if (inode.kind === 'file') {
    throw new RemoteException('PathIsNotDirectoryException', `\`${place.path}': Is not a directory`);
  }
  if (type !== undefined) {
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
