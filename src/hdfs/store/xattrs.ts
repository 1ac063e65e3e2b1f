import { checkAccess, checkOwner, READ, WRITE } from './access.ts';
import type { Caller } from './caller.ts';
import { encodedXattrs } from './image.ts';
import { type Inode, pathOf } from './inode.ts';
import { existing, lookUp } from './lookUp.ts';
import { RemoteException } from './remoteException.ts';
import { commit, type Store } from './store.ts';

const MOST_XATTRS = 32;
const MOST_BYTES = 16_384;
const NAMESPACES = ['user', 'trusted', 'system', 'security', 'raw'];

/** Whether a value may be new, or replace one. */
export interface XattrFlags {
  readonly create: boolean;
  readonly replace: boolean;
}

/** @throws RemoteException IOException, AccessControlException, HadoopIllegalArgumentException, … */
export function setXattr(
  store: Store,
  caller: Caller,
  path: string,
  name: string,
  value: Buffer,
  flags: XattrFlags,
): void {
  const { prefixed, short } = parseName(name);
  checkSize(short, value);
  checkNamespace(caller, prefixed);
  const inode = writable(store, caller, path, prefixed);
  const xattrs = new Map(inode.xattrs);
  if (xattrs.has(prefixed) && !flags.replace) {
    throw new RemoteException(
      'IOException',
      `XAttr: ${short} already exists. The REPLACE flag must be specified.`,
    );
  }
  if (!xattrs.has(prefixed) && !flags.create) {
    throw new RemoteException(
      'IOException',
      `XAttr: ${short} does not exist. The CREATE flag must be specified.`,
    );
  }
  // HDFS names what was set last first.
  xattrs.delete(prefixed);
  const changed = new Map([[prefixed, value], ...xattrs]);
  if (changed.size > MOST_XATTRS) {
    throw new RemoteException(
      'IOException',
      `Cannot add additional XAttr to inode, would exceed limit of ${MOST_XATTRS}`,
    );
  }
  commit(store, { op: 'set', path: pathOf(inode), xattrs: encodedXattrs(changed) });
}

/** @throws RemoteException IOException, AccessControlException, FileNotFoundException */
export function removeXattr(store: Store, caller: Caller, path: string, name: string): void {
  const { prefixed } = parseName(name);
  checkNamespace(caller, prefixed);
  const inode = writable(store, caller, path, prefixed);
  const xattrs = new Map(inode.xattrs);
  if (!xattrs.delete(prefixed)) {
    throw new RemoteException('IOException', 'No matching attributes found for remove operation');
  }
  commit(store, { op: 'set', path: pathOf(inode), xattrs: xattrs.size === 0 ? null : encodedXattrs(xattrs) });
}

/**
 * @param names all that the caller may see where there are none.
 * @throws RemoteException XAttrNotFoundException, AccessControlException, FileNotFoundException
 */
export function getXattrs(
  store: Store,
  caller: Caller,
  path: string,
  names: readonly string[],
): readonly (readonly [name: string, value: Buffer])[] {
  const wanted = names.map((name) => parseName(name).prefixed);
  for (const name of wanted) checkNamespace(caller, name);
  const place = lookUp(store, caller, path, 'read');
  if (place.inode !== undefined) checkAccess(caller, place.inode, READ);
  const inode = existing(place, (missing) => `cannot find ${missing}`);
  const visible = [...(inode.xattrs ?? [])].filter(([name]) => isVisible(caller, name));
  if (wanted.length === 0) return visible;
  return wanted.map((name) => {
    const found = visible.find(([each]) => each === name);
    if (found !== undefined) return found;
    throw new RemoteException(
      'XAttrNotFoundException',
      'At least one of the attributes provided was not found.',
    );
  });
}

function parseName(name: string): { readonly prefixed: string; readonly short: string } {
  const dot = name.indexOf('.');
  if (dot < 3) {
    throw new RemoteException(
      'HadoopIllegalArgumentException',
      `An XAttr name must be prefixed with user/trusted/security/system/raw, followed by a '.'`,
    );
  }
  const [namespace, short] = [name.slice(0, dot).toLowerCase(), name.slice(dot + 1)];
  if (!NAMESPACES.includes(namespace)) {
    throw new RemoteException(
      'HadoopIllegalArgumentException',
      `An XAttr name must be prefixed with user/trusted/security/system/raw, followed by a '.'`,
    );
  }
  if (short === '')
    throw new RemoteException('HadoopIllegalArgumentException', 'XAttr name cannot be empty.');
  return { prefixed: `${namespace}.${short}`, short };
}

function checkNamespace(caller: Caller, prefixed: string): void {
  if (isVisible(caller, prefixed)) return;
  throw new RemoteException('AccessControlException', `User doesn't have permission for xattr: ${prefixed}`);
}

function isVisible(caller: Caller, prefixed: string): boolean {
  return prefixed.startsWith('user.') || (prefixed.startsWith('trusted.') && caller.isSuper);
}

function checkSize(name: string, value: Buffer): void {
  const size = Buffer.byteLength(name) + value.length;
  if (size <= MOST_BYTES) return;
  throw new RemoteException(
    'HadoopIllegalArgumentException',
    `The XAttr is too big. The maximum combined size of the name and value is ${MOST_BYTES}, but the total size is ${size}`,
  );
}

/** In a directory with the sticky bit, its attributes are its owner's. */
function writable(store: Store, caller: Caller, path: string, prefixed: string): Inode {
  const place = lookUp(store, caller, path, 'write');
  const { inode } = place;
  if (inode !== undefined && prefixed.startsWith('user.')) {
    if (inode.kind === 'directory' && (inode.mode & 0o1000) !== 0) checkOwner(caller, inode);
    else checkAccess(caller, inode, WRITE);
  }
  return existing(place, (missing) => `cannot find ${missing}`);
}
