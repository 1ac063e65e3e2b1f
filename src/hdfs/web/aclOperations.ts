import { type AclChange, aclStatus, changeAcl } from '../store/acl.ts';
import { aclEntryText, readAclEntries } from '../store/aclEntry.ts';
import { RemoteException } from '../store/remoteException.ts';
import { type Answer, emptyAnswer, valueAnswer } from './answer.ts';
import { refuse } from './parameters.ts';
import type { Operation, WebRequest } from './webRequest.ts';

export function getAclStatus({ store, caller, path }: WebRequest): Answer {
  const { inode, entries } = aclStatus(store, caller, path);
  return valueAnswer('AclStatus', {
    entries: entries.map(aclEntryText),
    group: inode.group,
    owner: inode.owner,
    permission: inode.mode.toString(8),
    stickyBit: (inode.mode & 0o1000) !== 0,
  });
}

/** MODIFYACLENTRIES, REMOVEACLENTRIES and SETACL: what they do is said by a specification. */
export function changeEntries(name: string, kind: 'modify' | 'remove' | 'set'): Operation {
  return ({ store, caller, path, parameters }) => {
    const text = parameters.required('aclspec', name);
    if (!SPECIFICATION.test(text)) {
      refuse('aclspec', `Invalid value: "${text}" does not belong to the domain ${JAVA_PATTERN}`);
    }
    const entries = readAclEntries(text, kind !== 'remove');
    if (entries === undefined) {
      throw new RemoteException('HadoopIllegalArgumentException', `Invalid <aclSpec> : ${text}`);
    }
    changeAcl(store, caller, path, { kind, entries });
    return emptyAnswer();
  };
}

export function change(kind: 'removeDefault' | 'removeAll'): Operation {
  return ({ store, caller, path }) => {
    const whole: AclChange = { kind };
    changeAcl(store, caller, path, whole);
    return emptyAnswer();
  };
}

const ENTRY = '(default:)?(user|group|mask|other):[A-Za-z0-9._-]*:([rwx-]{3})?';
const SPECIFICATION = new RegExp(`^${ENTRY}(,${ENTRY})*$`);
/** As Hadoop has it, which tells it to the client. */
const JAVA_ENTRY = '(default:)?(user|group|mask|other):[[A-Za-z_][A-Za-z0-9._-]]*:([rwx-]{3})?';
const JAVA_PATTERN = `^${JAVA_ENTRY}(,${JAVA_ENTRY})*$`;
