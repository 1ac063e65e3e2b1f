import { constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makePrivateFolder } from '../../platform/privateFolder.ts';
import { hdfsDirectory } from './hdfsRecord.ts';

/** Of the socket in its folder. */
export const HDFS_SOCKET = 'hdfs.sock';
/** Of `sun_path` on Linux, without its last zero. */
const LONGEST_PATH = 107;

/** Folder of the Unix socket of a project's HDFS: what containers mount that reach it. Mode 0700. */
export function hdfsSocketFolder(stateDirectory: string): string {
  return path.join(hdfsDirectory(stateDirectory), 'socket');
}

/**
 * Makes room for the server's Unix socket. Only on Linux: elsewhere containers are in a virtual machine, which shares
 * files and no sockets.
 *
 * @returns where to listen.
 */
export async function makeHdfsSocket(
  stateDirectory: string,
  platform: NodeJS.Platform,
): Promise<{ readonly socket?: string }> {
  if (platform !== 'linux') return {};
  const folder = hdfsSocketFolder(stateDirectory);
  await makePrivateFolder(folder);
  const file = path.join(folder, HDFS_SOCKET);
  await rm(file, { force: true });
  if (Buffer.byteLength(file) <= LONGEST_PATH) return { socket: file };
  // A socket's path is short, a project's may not be: the folder has a short name as long as it is open.
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return { socket: `/proc/self/fd/${fd}/${HDFS_SOCKET}` };
}
