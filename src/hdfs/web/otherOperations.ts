import { statfsSync } from 'node:fs';
import { READ } from '../store/access.ts';
import { checkAccessTo } from '../store/attributes.ts';
import { fileStatus } from '../store/list.ts';
import { pathOf } from '../store/inode.ts';
import { RemoteException } from '../store/remoteException.ts';
import { setQuota } from '../store/setQuota.ts';
import { trashRoots } from '../store/trashRoots.ts';
import { type Answer, emptyAnswer, jsonAnswer, valueAnswer } from './answer.ts';
import type { WebRequest } from './webRequest.ts';

/** What the disk below has. */
export function getStatus({ store }: WebRequest): Answer {
  const { blocks, bfree, bavail, bsize } = statfsSync(store.host.root);
  return valueAnswer('FsStatus', {
    used: (blocks - bfree) * bsize,
    remaining: bavail * bsize,
    capacity: blocks * bsize,
  });
}

export function getTrashRoots({ store, caller, parameters }: WebRequest): Answer {
  const roots = trashRoots(store, caller, parameters.boolean('allusers', false)).map((inode) => ({
    path: pathOf(inode),
    length: 0,
    isdir: true,
    block_replication: 0,
    blocksize: 0,
    modification_time: inode.mtime,
    access_time: inode.atime,
    permission: inode.mode.toString(8),
    owner: inode.owner,
    group: inode.group,
  }));
  return valueAnswer('Paths', roots);
}

/** Beyond what JavaScript counts exactly: `don't touch`. */
const UNTOUCHED = Number.MAX_SAFE_INTEGER;

export function changeQuota({ store, caller, path, parameters }: WebRequest): Answer {
  const names = parameters.long('namespacequota', { least: -1 });
  const bytes = parameters.long('storagespacequota', { least: -1 });
  setQuota(store, caller, path, { names: touched(names), bytes: touched(bytes) });
  return emptyAnswer();
}

export function changeQuotaByType({ store, caller, path, parameters }: WebRequest): Answer {
  const type = parameters.required('storagetype', 'SETQUOTABYSTORAGETYPE').toUpperCase();
  setQuota(store, caller, path, {
    bytes: touched(parameters.long('storagespacequota', { least: -1 })),
    type,
  });
  return emptyAnswer();
}

function touched(quota: number | undefined): number | undefined {
  return quota === UNTOUCHED ? undefined : quota;
}

/** HDFS has symbolic links in its protocol, and has them switched off. */
export function createSymlink({ parameters }: WebRequest): Answer {
  parameters.required('destination', 'CREATESYMLINK');
  throw new RemoteException('UnsupportedOperationException', 'Symlinks not supported');
}

export function getLinkTarget({ store, caller, path }: WebRequest): Answer {
  fileStatus(store, caller, path);
  throw new RemoteException('IOException', `Path ${path} is not a symbolic link`);
}

export function getErasureCodingPolicy({ store, caller, path }: WebRequest): Answer {
  checkAccessTo(store, caller, path, READ);
  return jsonAnswer('null');
}

/** There is one datanode, and nothing to be spread over several. */
export function noErasureCoding(): Answer {
  throw new RemoteException(
    'UnsupportedOperationException',
    'Erasure coding is not available in this mock of HDFS.',
  );
}

/** Tokens are for Kerberos; none is ever given out here, so that each is one that the server does not know. */
export function renewDelegationToken({ parameters }: WebRequest): Answer {
  parameters.required('token', 'RENEWDELEGATIONTOKEN');
  throw new RemoteException('InvalidToken', 'Renewal request for unknown token');
}

export function cancelDelegationToken({ parameters }: WebRequest): Answer {
  parameters.required('token', 'CANCELDELEGATIONTOKEN');
  throw new RemoteException('InvalidToken', 'Token not found');
}
