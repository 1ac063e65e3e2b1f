import { posix } from 'node:path';
import { setOwner, setPermission, setReplication, setTimes } from '../store/attributes.ts';
import { concat } from '../store/concat.ts';
import { makeDirectories } from '../store/makeDirectories.ts';
import { remove } from '../store/remove.ts';
import { RemoteException } from '../store/remoteException.ts';
import { rename, renameExactly } from '../store/rename.ts';
import { setStoragePolicy } from '../store/storagePolicies.ts';
import { truncate } from '../store/truncate.ts';
import { type Answer, emptyAnswer, valueAnswer } from './answer.ts';
import { refuse } from './parameters.ts';
import type { WebRequest } from './webRequest.ts';

export function mkdirs({ store, caller, path, parameters }: WebRequest): Answer {
  const mode = parameters.mode('permission') ?? 0o755;
  makeDirectories(store, caller, path, { mode, unmasked: parameters.mode('unmaskedpermission') });
  return valueAnswer('boolean', true);
}

export function renameTo({ store, caller, path, parameters }: WebRequest): Answer {
  const to = parameters.text('destination');
  if (to !== undefined && !to.startsWith('/')) {
    refuse('destination', `Invalid parameter value: destination = "${to}" is not an absolute path.`);
  }
  const options = parameters.set('renameoptions', 'org.apache.hadoop.fs.Options.Rename', [
    'NONE',
    'OVERWRITE',
    'TO_TRASH',
  ]);
  const target = cleaned(parameters.required('destination', 'RENAME'));
  if (options.length === 0) return valueAnswer('boolean', rename(store, caller, path, target));
  renameExactly(store, caller, path, target, options.includes('OVERWRITE'));
  return emptyAnswer();
}

/** Java's Path resolves `..` and leaves empty components out. */
function cleaned(path: string): string {
  const text = posix.normalize(path);
  return text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text;
}

export function removeAt({ store, caller, path, parameters }: WebRequest): Answer {
  return valueAnswer('boolean', remove(store, caller, path, parameters.boolean('recursive', false)));
}

export function truncateTo({ store, caller, path, parameters }: WebRequest): Answer {
  const length = parameters.long('newlength', { least: 0 });
  if (length === undefined) parameters.required('newlength', 'TRUNCATE');
  return valueAnswer('boolean', truncate(store, caller, path, length ?? 0));
}

export async function concatFrom({ store, caller, path, parameters }: WebRequest): Promise<Answer> {
  const sources = parameters.required('sources', 'CONCAT').split(',');
  await concat(store, caller, path, sources);
  return emptyAnswer();
}

export function changePermission({ store, caller, path, parameters }: WebRequest): Answer {
  setPermission(store, caller, path, parameters.mode('permission') ?? 0o755);
  return emptyAnswer();
}

export function changeOwner({ store, caller, path, parameters }: WebRequest): Answer {
  const [owner, group] = [parameters.text('owner') ?? '', parameters.text('group') ?? ''];
  if (owner === '' && group === '') {
    throw new RemoteException('IllegalArgumentException', 'Both owner and group are empty.');
  }
  setOwner(store, caller, path, owner, group);
  return emptyAnswer();
}

export function changeTimes({ store, caller, path, parameters }: WebRequest): Answer {
  const [modified, accessed] = [
    parameters.long('modificationtime', { least: -1 }),
    parameters.long('accesstime', { least: -1 }),
  ];
  setTimes(store, caller, path, modified ?? -1, accessed ?? -1);
  return emptyAnswer();
}

export function changeReplication({ store, caller, path, parameters }: WebRequest): Answer {
  const replication = parameters.short('replication', { least: 1 }) ?? store.defaults.replication;
  return valueAnswer('boolean', setReplication(store, caller, path, replication));
}

export function changeStoragePolicy({ store, caller, path, parameters }: WebRequest): Answer {
  const name = parameters.text('storagepolicy');
  if (name === undefined) {
    throw new RemoteException('IllegalArgumentException', 'Storage policy name is empty.');
  }
  setStoragePolicy(store, caller, path, name);
  return emptyAnswer();
}

export function unsetStoragePolicy({ store, caller, path }: WebRequest): Answer {
  setStoragePolicy(store, caller, path, undefined);
  return emptyAnswer();
}
