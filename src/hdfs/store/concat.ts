import { closeSync, constants, copyFileSync, mkdirSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkAccess, READ, WRITE } from './access.ts';
import { blockLengths } from './blocks.ts';
import type { Caller } from './caller.ts';
import { hostPath } from './hostFolder.ts';
import { type FileInode, pathOf } from './inode.ts';
import { checkParent, existing, lookUp } from './lookUp.ts';
import { openInode } from './readFile.ts';
import { RemoteException } from './remoteException.ts';
import { commit, hostFailure, type Store } from './store.ts';
import { writeAt } from './writeAt.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * Moves the contents of the sources to the end of a file of the same directory.
 *
 * @throws RemoteException HadoopIllegalArgumentException, FileNotFoundException, AccessControlException, …
 */
export async function concat(
  store: Store,
  caller: Caller,
  to: string,
  from: readonly string[],
): Promise<void> {
  const target = targetOf(store, caller, to);
  const sources = from.map((source) => sourceOf(store, caller, target, source));
  if (new Set(sources).size < sources.length) {
    throw new RemoteException(
      'HadoopIllegalArgumentException',
      'concat: at least two of the source files are the same',
    );
  }
  // While the bytes are copied, nobody else may write them.
  const lease = { holder: 'concat', clientMachine: caller.machine };
  for (const file of [target, ...sources]) file.lease = lease;
  try {
    const length = await joinAside(store, target, sources);
    for (const file of [target, ...sources]) file.lease = undefined;
    commit(store, {
      op: 'concat',
      path: pathOf(target),
      id: target.id,
      sources: sources.map(pathOf),
      length,
      blocks: [target, ...sources].flatMap(blockLengths),
      time: store.now(),
    });
  } catch (error) {
    throw hostFailure(error);
  } finally {
    for (const file of [target, ...sources]) file.lease = undefined;
  }
}

function targetOf(store: Store, caller: Caller, to: string): FileInode {
  const place = lookUp(store, caller, to, 'write');
  const inode = existing(place, (missing) => `File does not exist: ${missing}`);
  if (inode.kind === 'directory')
    throw new RemoteException('FileNotFoundException', `Path is not a file: ${place.path}`);
  checkAccess(caller, inode, WRITE);
  if (inode.lease !== undefined)
    throw new RemoteException(
      'HadoopIllegalArgumentException',
      `concat: target file ${place.path} is under construction`,
    );
  return inode;
}

function sourceOf(store: Store, caller: Caller, target: FileInode, source: string): FileInode {
  const place = lookUp(store, caller, source, 'write');
  const inode = existing(place, (missing) => `File does not exist: ${missing}`);
  if (inode.kind === 'directory')
    throw new RemoteException('FileNotFoundException', `Path is not a file: ${place.path}`);
  checkAccess(caller, inode, READ);
  checkParent(caller, place);
  const refuse = (why: string): never => {
    throw new RemoteException('HadoopIllegalArgumentException', why);
  };
  if (inode.parent !== target.parent)
    refuse(`Source file ${place.path} is not in the same directory with the target ${pathOf(target)}`);
  if (inode === target)
    refuse(`concat: the src file ${place.path} is the same with the target file ${pathOf(target)}`);
  if (inode.lease !== undefined) refuse(`concat: source file ${place.path} is under construction`);
  if (inode.length === 0)
    refuse(`concat: source file ${place.path} is invalid or empty or underConstruction`);
  if (inode.blockSize > target.blockSize)
    refuse(
      `concat: source file ${place.path} has a block size ${inode.blockSize} that is larger than the target file's block size ${target.blockSize}`,
    );
  return inode;
}

/** Puts the joined contents together aside, where a kill leaves nothing half done. @returns their length. */
async function joinAside(store: Store, target: FileInode, sources: readonly FileInode[]): Promise<number> {
  mkdirSync(store.host.aside, { recursive: true });
  // Looks where it lies, too.
  openInode(store, target).close();
  const aside = path.join(store.host.aside, String(target.id));
  copyFileSync(hostPath(store.host, target), aside, constants.COPYFILE_FICLONE);
  const descriptor = openSync(aside, 'r+');
  try {
    let length = target.length;
    for (const source of sources) {
      await copyAfter(store, source, descriptor, length);
      length += source.length;
    }
    return length;
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

async function copyAfter(store: Store, source: FileInode, descriptor: number, at: number): Promise<void> {
  const reader = openInode(store, source);
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    for (let position = 0; position < source.length;) {
      const count = await reader.read(buffer, position);
      if (count === 0) throw new RemoteException('IOException', `${pathOf(source)} has been cut short`);
      await writeAt(descriptor, [buffer.subarray(0, count)], at + position, () => {});
      position += count;
    }
  } finally {
    reader.close();
  }
}
