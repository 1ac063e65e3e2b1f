import { Readable } from 'node:stream';
import type { HdfsFiles, HdfsStatus } from './hdfsFiles.ts';
import { remoteException } from './remoteException.ts';
import { WebHdfs, type WebHdfsOptions } from './webHdfs.ts';

/** One entry as WebHDFS gives it ("FileStatus JSON Schema" of its documentation). */
interface FileStatus {
  readonly pathSuffix: string;
  readonly type: HdfsStatus['type'];
  readonly length: number;
  readonly owner: string;
  readonly group: string;
  readonly permission: string;
  readonly aclBit?: boolean;
  readonly replication: number;
  readonly blockSize: number;
  readonly modificationTime: number;
  readonly accessTime: number;
}

/** The files of an HDFS through WebHDFS. `close` lets go of its connections. */
export interface WebHdfsFiles extends HdfsFiles {
  /** For what `HdfsFiles` has no name for. */
  readonly web: WebHdfs;
  close(): void;
}

export function webHdfsFiles(options: WebHdfsOptions): WebHdfsFiles {
  const web = new WebHdfs(options);
  const files: WebHdfsFiles = {
    web,
    async status(path) {
      try {
        const { FileStatus: found } = await web.ask<{ FileStatus: FileStatus }>('GET', 'GETFILESTATUS', path);
        return statusOf(found);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async exists(path) {
      return (await files.status(path)) !== undefined;
    },
    async list(path) {
      type Listing = { FileStatuses: { FileStatus: readonly FileStatus[] } };
      const { FileStatuses: found } = await web.ask<Listing>('GET', 'LISTSTATUS', path);
      return found.FileStatus.map(statusOf);
    },
    async open(path, range) {
      return Readable.toWeb(await web.read(path, range));
    },
    async create(path, body, { overwrite = false, permission } = {}) {
      await web.write('CREATE', path, body, { overwrite, permission });
    },
    async makeFolder(path, permission) {
      await web.ask('PUT', 'MKDIRS', path, { permission });
    },
    async rename(from, to) {
      return (await web.ask<Answer>('PUT', 'RENAME', from, { destination: to })).boolean;
    },
    async replace(from, to) {
      await web.ask('PUT', 'RENAME', from, { destination: to, renameoptions: 'OVERWRITE' });
    },
    async delete(path, { recursive = false } = {}) {
      return (await web.ask<Answer>('DELETE', 'DELETE', path, { recursive })).boolean;
    },
    async setPermission(path, permission) {
      await web.ask('PUT', 'SETPERMISSION', path, { permission });
    },
    async setModificationTime(path, time) {
      await web.ask('PUT', 'SETTIMES', path, { modificationtime: Math.floor(time) });
    },
    close() {
      web.close();
    },
  };
  return files;
}

interface Answer {
  readonly boolean: boolean;
}

function isMissing(error: unknown): boolean {
  return remoteException(error)?.exception === 'FileNotFoundException';
}

function statusOf({ pathSuffix, aclBit = false, ...rest }: FileStatus): HdfsStatus {
  return { ...rest, name: pathSuffix, hasAcl: aclBit };
}
