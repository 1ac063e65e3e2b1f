import { aclEntryText, compareAclEntries, type ScopedAclEntry } from './aclEntry.ts';
import { RemoteException } from './remoteException.ts';

/** A whole ACL, in HDFS' order, the entries of the mode included. */
export type Acl = readonly ScopedAclEntry[];

/** The ACL with entries added or replaced. @throws RemoteException AclException */
export function mergeAcl(existing: Acl, changes: Acl): Acl {
  return rebuild(
    existing.filter((entry) => !includes(changes, entry)),
    changes,
    new Set(changes.map((entry) => entry.scope)),
  );
}

/** The ACL without some entries. @throws RemoteException AclException */
export function withoutAclEntries(existing: Acl, removed: Acl): Acl {
  checkCount(removed);
  const gone = existing.filter((entry) => includes(removed, entry));
  const rest = existing.filter((entry) => !includes(removed, entry));
  const result = rebuild(rest, [], new Set(gone.map((entry) => entry.scope)));
  for (const { scope } of gone.filter((entry) => entry.type === 'mask')) {
    if (rest.some((entry) => entry.scope === scope && entry.name !== undefined)) {
      refuse('Invalid ACL: mask is required and cannot be deleted.');
    }
  }
  return result;
}

/** The ACL with its access or default entries, or both, replaced. @throws RemoteException AclException */
export function replacedAcl(existing: Acl, entries: Acl): Acl {
  const scopes = new Set(entries.map((entry) => entry.scope));
  return rebuild(
    existing.filter((entry) => !scopes.has(entry.scope)),
    entries,
    scopes,
  );
}

/** Puts old and new entries together and adds what HDFS adds: default entries of the owner's, masks. */
function rebuild(kept: Acl, added: Acl, changed: ReadonlySet<string>): Acl {
  checkCount(added);
  const masks = [...kept, ...added].filter((entry) => entry.type === 'mask');
  const entries = [...kept, ...added].filter((entry) => entry.type !== 'mask');
  entries.push(...missingDefaults(entries));
  for (const scope of ['access', 'default'] as const) {
    const own = entries.filter((entry) => entry.scope === scope);
    const mask = masks.find((entry) => entry.scope === scope);
    const isGiven = mask !== undefined && (added.includes(mask) || !changed.has(scope));
    if (isGiven) entries.push(mask);
    else if (own.length > 0 && (mask !== undefined || own.some((entry) => entry.name !== undefined))) {
      entries.push({ scope, type: 'mask', permission: unionOf(own) });
    }
    for (const extra of masks) {
      if (extra.scope !== scope || extra === mask) continue;
      refuse('Invalid ACL: multiple entries with same scope, type and name.');
    }
  }
  return checked(entries.sort(compareAclEntries));
}

/** What the mask would have to allow. */
function unionOf(entries: Acl): number {
  const limited = entries.filter((entry) => entry.type === 'group' || entry.name !== undefined);
  return limited.reduce((sum, entry) => sum | entry.permission, 0);
}

/** A default ACL has entries of owner, group and other; without own ones, those of the access ACL. */
function missingDefaults(entries: Acl): Acl {
  if (!entries.some((entry) => entry.scope === 'default')) return [];
  return entries
    .filter((entry) => entry.scope === 'access' && entry.name === undefined)
    .map((entry) => ({ ...entry, scope: 'default' as const }))
    .filter((entry) => !includes(entries, entry));
}

const MOST_ENTRIES = 32;

function checked(entries: Acl): Acl {
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (before !== undefined && compareAclEntries(before, entry) === 0) {
      refuse('Invalid ACL: multiple entries with same scope, type and name.');
    }
    if (entry.name !== undefined && (entry.type === 'mask' || entry.type === 'other')) {
      refuse(`Invalid ACL: this entry type must not have a name: ${aclEntryText(entry)}.`);
    }
  }
  checkCount(entries);
  for (const [scope, label] of [
    ['access', 'ACL'],
    ['default', 'default ACL'],
  ] as const) {
    const own = entries.filter((entry) => entry.scope === scope);
    if (scope === 'default' && own.length === 0) continue;
    const has = (type: string): boolean =>
      own.some((entry) => entry.type === type && entry.name === undefined);
    if (['user', 'group', 'other'].every(has)) continue;
    refuse(`Invalid ${label}: the user, group and other entries are required.`);
  }
  return entries;
}

function checkCount(entries: Acl): void {
  for (const scope of ['access', 'default'] as const) {
    const count = entries.filter((entry) => entry.scope === scope).length;
    if (count <= MOST_ENTRIES) continue;
    refuse(`Invalid ACL: ACL has ${count} ${scope} entries, which exceeds maximum of ${MOST_ENTRIES}.`);
  }
}

function includes(entries: Acl, entry: ScopedAclEntry): boolean {
  return entries.some((each) => compareAclEntries(each, entry) === 0);
}

function refuse(why: string): never {
  throw new RemoteException('AclException', why);
}
