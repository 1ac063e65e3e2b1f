import type { WebHdfsFiles } from '../client/webHdfsFiles.ts';
import type { FileSystem } from './fileSystem.ts';

export interface HdfsFileSystemOptions {
  /** What is taken away from the permissions of new files and folders; Hadoop's clients do that, not the server. */
  readonly umask: number;
  readonly replication: number | undefined;
  /** Bytes. */
  readonly blockSize: number | undefined;
}

export function hdfsFileSystem(files: WebHdfsFiles, options: HdfsFileSystemOptions): FileSystem {
  const { web } = files;
  const permissions = (whole: number): { permission: string; unmaskedpermission: string } => ({
    permission: octal(whole & ~options.umask),
    unmaskedpermission: octal(whole),
  });
  return {
    scheme: 'hdfs',
    status: (path) => files.status(path),
    list: (path) => files.list(path),
    read: (path, range) => web.read(path, range),
    write: (path, body, overwrite) =>
      web.write('CREATE', path, body, {
        overwrite,
        ...permissions(0o666),
        replication: options.replication,
        blocksize: options.blockSize,
      }),
    append: (path, body) => web.write('APPEND', path, body),
    async makeFolder(path) {
      await web.ask('PUT', 'MKDIRS', path, permissions(0o777));
    },
    rename: (from, to) => files.rename(from, to),
    delete: (path, recursive) => files.delete(path, { recursive }),
    async setTimes(path, modification, access) {
      await web.ask('PUT', 'SETTIMES', path, {
        modificationtime: modification ?? -1,
        accesstime: access ?? -1,
      });
    },
    setPermission: (path, permission) => files.setPermission(path, permission),
    async setOwner(path, owner, group) {
      await web.ask('PUT', 'SETOWNER', path, { owner, group });
    },
  };
}

function octal(mode: number): string {
  return mode.toString(8);
}
