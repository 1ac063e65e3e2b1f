import type { Caller } from './caller.ts';
import { type DirectoryInode, type Inode, pathOf } from './inode.ts';
import { RemoteException } from './remoteException.ts';

export const READ = 4;
export const WRITE = 2;
export const EXECUTE = 1;

const STICKY = 0o1000;

/** Hadoop's names of the bits of a permission. */
const ACTION_NAMES = [
  'NONE',
  'EXECUTE',
  'WRITE',
  'WRITE_EXECUTE',
  'READ',
  'READ_EXECUTE',
  'READ_WRITE',
  'ALL',
] as const;

/** @throws RemoteException AccessControlException */
export function checkAccess(caller: Caller, inode: Inode, bits: number): void {
  if (caller.isSuper || hasAccess(caller, inode, bits)) return;
  const what = `user=${caller.user}, access=${ACTION_NAMES[bits]}, inode="${pathOf(inode)}"`;
  throw new RemoteException('AccessControlException', `Permission denied: ${what}:${describe(inode)}`);
}

/** @throws RemoteException AccessControlException */
export function checkOwner(caller: Caller, inode: Inode): void {
  if (caller.isSuper || caller.user === inode.owner) return;
  throw new RemoteException(
    'AccessControlException',
    `Permission denied. user=${caller.user} is not the owner of inode=${pathOf(inode)}`,
  );
}

/** @throws RemoteException AccessControlException */
export function checkSuperuser(caller: Caller, operation: string): void {
  if (caller.isSuper) return;
  throw new RemoteException(
    'AccessControlException',
    `Access denied for user ${caller.user}. Superuser privilege is required for operation ${operation}`,
  );
}

/** In a directory with the sticky bit, only the owners of an entry and of the directory may remove it. */
export function checkSticky(caller: Caller, parent: DirectoryInode, inode: Inode): void {
  if (caller.isSuper || (parent.mode & STICKY) === 0) return;
  if (caller.user === parent.owner || caller.user === inode.owner) return;
  throw new RemoteException(
    'AccessControlException',
    `Permission denied by sticky bit: user=${caller.user}, path="${pathOf(inode)}":${describe(inode)}, ` +
      `parent="${pathOf(parent)}":${describe(parent)}`,
  );
}

function hasAccess(caller: Caller, inode: Inode, bits: number): boolean {
  const { mode, acl } = inode;
  if (caller.user === inode.owner) return allows(mode >> 6, bits);
  const mask = acl === undefined ? 7 : (mode >> 3) & 7;
  let inGroup = false;
  for (const entry of acl ?? []) {
    if (entry.type === 'user' && entry.name === caller.user) return allows(entry.permission & mask, bits);
    if (entry.type !== 'group' || !caller.groups.includes(entry.name ?? inode.group)) continue;
    inGroup = true;
    if (allows(entry.permission & mask, bits)) return true;
  }
  if (inGroup) return false;
  if (acl === undefined && caller.groups.includes(inode.group)) return allows(mode >> 3, bits);
  return allows(mode, bits);
}

function allows(granted: number, bits: number): boolean {
  return (granted & bits) === bits;
}

/** As `alice:supergroup:drwxr-x---`. */
function describe(inode: Inode): string {
  const type = inode.kind === 'directory' ? 'd' : '-';
  const plus = inode.acl === undefined ? '' : '+';
  return `${inode.owner}:${inode.group}:${type}${symbolicMode(inode.mode)}${plus}`;
}

/** As `rwxr-x--T`. */
function symbolicMode(mode: number): string {
  const text = [mode >> 6, mode >> 3, mode].map((bits) => symbolicBits(bits & 7)).join('');
  if ((mode & STICKY) === 0) return text;
  return text.slice(0, -1) + ((mode & EXECUTE) === 0 ? 'T' : 't');
}

function symbolicBits(bits: number): string {
  return (bits & READ ? 'r' : '-') + (bits & WRITE ? 'w' : '-') + (bits & EXECUTE ? 'x' : '-');
}
