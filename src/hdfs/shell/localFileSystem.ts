import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DevenvError } from '../../errors.ts';
import { errorCode } from '../../platform/fileSystemError.ts';
import { linkLoop } from '../../platform/linkLoop.ts';
import type { HdfsBody, HdfsStatus } from '../client/hdfsFiles.ts';
import type { FileSystem } from './fileSystem.ts';

/** Small ones cost more time than the copying. */
const PIECE_BYTES = 1024 * 1024;

/** The machine's own files. Owners are numbers here, and are left alone. */
export function localFileSystem(): FileSystem {
  return {
    scheme: 'file',
    status: statusAt,
    async list(folder) {
      const around = await linkLoop(path.resolve(folder));
      if (around !== undefined) throw leadsBack(folder, around);
      const names = (await readdir(folder)).toSorted();
      const found = await Promise.all(names.map((name) => statusAt(path.join(folder, name), name)));
      return found.filter((each) => each !== undefined);
    },
    async read(file, { offset = 0, length } = {}) {
      return createReadStream(file, {
        highWaterMark: PIECE_BYTES,
        start: offset,
        ...(length === undefined ? {} : { end: offset + length - 1 }),
      });
    },
    async write(file, body, overwrite) {
      await mkdir(path.dirname(file), { recursive: true });
      await pipeline(
        streamOf(body),
        createWriteStream(file, { flags: overwrite ? 'w' : 'wx', highWaterMark: PIECE_BYTES }),
      );
    },
    async append(file, body) {
      await pipeline(streamOf(body), createWriteStream(file, { flags: 'a' }));
    },
    async makeFolder(folder) {
      await mkdir(folder, { recursive: true });
    },
    async rename(from, to) {
      await rename(from, to);
      return true;
    },
    async delete(file, recursive) {
      const found = await statusAt(file);
      if (found === undefined) return false;
      if (found.type === 'DIRECTORY' && !recursive) await rmdir(file);
      else await rm(file, { recursive, force: true });
      return true;
    },
    async setTimes(file, modification, access) {
      const now = await stat(file);
      await utimes(file, (access ?? now.atimeMs) / 1000, (modification ?? now.mtimeMs) / 1000);
    },
    setPermission: (file, permission) => chmod(file, Number.parseInt(permission, 8)),
    async setOwner() {},
  };
}

function leadsBack(folder: string, around: string): DevenvError {
  return new DevenvError({
    code: 'hdfs_path',
    what: `\`${folder}': is a link to ${around}, a folder that it lies in`,
  });
}

async function statusAt(file: string, name = ''): Promise<HdfsStatus | undefined> {
  try {
    return toStatus(await stat(file), name);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function toStatus(found: Stats, name: string): HdfsStatus {
  return {
    name,
    type: found.isDirectory() ? 'DIRECTORY' : 'FILE',
    length: found.isDirectory() ? 0 : found.size,
    owner: String(found.uid),
    group: String(found.gid),
    permission: (found.mode & 0o1777).toString(8),
    hasAcl: false,
    replication: 1,
    // Hadoop's fs.local.block.size.
    blockSize: 32 * 1024 * 1024,
    modificationTime: Math.floor(found.mtimeMs),
    accessTime: Math.floor(found.atimeMs),
  };
}

function streamOf(body: HdfsBody): Readable {
  return typeof body === 'string' || body instanceof Uint8Array ? Readable.from([body]) : Readable.from(body);
}
