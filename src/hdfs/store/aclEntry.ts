/** An entry of an access control list, access or default, as `user:carla:rw-`. */
export interface AclEntry {
  readonly type: AclEntryType;
  /** Absent for the owner, the owning group, mask and other. */
  readonly name?: string;
  /** Bits as in a mode: 4 read, 2 write, 1 execute. */
  readonly permission: number;
}

export type AclEntryType = 'user' | 'group' | 'mask' | 'other';

/** An entry and the list it is in. */
export interface ScopedAclEntry extends AclEntry {
  readonly scope: 'access' | 'default';
}

const TYPES: readonly AclEntryType[] = ['user', 'group', 'mask', 'other'];

/** HDFS' order: access before default; owner, named users, group, named groups, mask, other. */
export function compareAclEntries(one: ScopedAclEntry, other: ScopedAclEntry): number {
  if (one.scope !== other.scope) return one.scope === 'access' ? -1 : 1;
  if (one.type !== other.type) return TYPES.indexOf(one.type) - TYPES.indexOf(other.type);
  const [left, right] = [one.name ?? '', other.name ?? ''];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** As `default:user:carla:rw-`. */
export function aclEntryText(entry: ScopedAclEntry): string {
  const { scope, type, name, permission } = entry;
  const letters = [...'rwx'].map((letter, index) => (permission & (4 >> index) ? letter : '-')).join('');
  return `${scope === 'default' ? 'default:' : ''}${type}:${name ?? ''}:${letters}`;
}

/**
 * Reads `user::rwx,user:carla:rw-,default:group::r-x`. It has been checked for its form.
 *
 * @param withPermission whether the entries say what is allowed.
 * @returns undefined for an entry that is none.
 */
export function readAclEntries(text: string, withPermission: boolean): readonly ScopedAclEntry[] | undefined {
  const entries = text.split(',').map((part) => readAclEntry(part, withPermission));
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function readAclEntry(text: string, withPermission: boolean): ScopedAclEntry | undefined {
  const parts = text.split(':');
  const scope = parts[0] === 'default' ? 'default' : 'access';
  if (scope === 'default') parts.shift();
  const [type, name = '', letters = ''] = parts;
  const known = TYPES.find((each) => each === type);
  if (known === undefined || (withPermission && !/^[r-][w-][x-]$/.test(letters))) return undefined;
  const bits = withPermission ? letters : '---';
  const permission = [...bits].reduce((sum, letter) => sum * 2 + (letter === '-' ? 0 : 1), 0);
  return { scope, type: known, ...(name === '' ? {} : { name }), permission };
}
