import { RemoteException } from './remoteException.ts';
import { componentsOf } from './inodePath.ts';

const LONGEST_NAME_BYTES = 255;
const LONGEST_PATH = 8000;
const MOST_LEVELS = 1000;

/** What HDFS takes as the name of something new: absolute, no `.`, `..` or `:` in it, nor two slashes in a row. */
export function isValidName(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const parts = path.replace(/\/+$/, '').split('/').slice(1);
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes(':'));
}

/** @throws RemoteException InvalidPathException */
export function checkNewName(path: string): void {
  if (isValidName(path)) return;
  throw new RemoteException('InvalidPathException', `Invalid path name Invalid file name: ${path}`);
}

/** @throws RemoteException IOException for a path that is too long. */
export function checkPathLength(path: string): void {
  if (path.length <= LONGEST_PATH && componentsOf(path).length <= MOST_LEVELS) return;
  throw new RemoteException(
    'IOException',
    `Pathname too long.  Limit ${LONGEST_PATH} characters, ${MOST_LEVELS} levels.`,
  );
}

/** @throws RemoteException PathComponentTooLongException */
export function checkNameLength(name: string, parentPath: string): void {
  const length = Buffer.byteLength(name);
  if (length <= LONGEST_NAME_BYTES) return;
  throw new RemoteException(
    'PathComponentTooLongException',
    `The maximum path component name limit of ${name} in directory ${parentPath} is exceeded: ` +
      `limit=${LONGEST_NAME_BYTES} length=${length}`,
  );
}
