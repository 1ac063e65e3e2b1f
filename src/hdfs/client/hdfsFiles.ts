/**
 * The files of a project's HDFS, as the rest of the product sees them. Paths are absolute, `/a/b`, not
 * percent-encoded; `hdfsPath` makes one of a URI.
 *
 * Every method throws DevenvError `hdfs_unreachable` when the server does not answer, and `hdfs_refused` with what the
 * server says went wrong (`remoteException`).
 */
export interface HdfsFiles {
  /** `undefined` when there is nothing at the path. */
  status(path: string): Promise<HdfsStatus | undefined>;
  exists(path: string): Promise<boolean>;
  /** The entries of a folder, sorted as the server sorts them; of a file, itself with an empty `name`. */
  list(path: string): Promise<readonly HdfsStatus[]>;
  /** Bytes from `offset` (0), `length` of them (to the end). */
  open(path: string, range?: HdfsRange): Promise<ReadableStream<Uint8Array>>;
  /** Writes a file whole; parents are made. Without `overwrite` one that is there is an error. */
  create(path: string, body: HdfsBody, options?: HdfsCreateOptions): Promise<void>;
  makeFolder(path: string, permission?: string): Promise<void>;
  /** @returns false when it can't be done: the source is missing, the target is there. */
  rename(from: string, to: string): Promise<boolean>;
  /** Renames a file in one step to where another one may be: whoever opens that finds the old one or the new. */
  replace(from: string, to: string): Promise<void>;
  /** @returns false when there was nothing. */
  delete(path: string, options?: { readonly recursive?: boolean }): Promise<boolean>;
  setPermission(path: string, permission: string): Promise<void>;
  /** Milliseconds since the epoch. */
  setModificationTime(path: string, time: number): Promise<void>;
}

export type HdfsBody = AsyncIterable<Uint8Array> | Uint8Array | string;

export interface HdfsRange {
  readonly offset?: number;
  readonly length?: number;
}

export interface HdfsCreateOptions {
  readonly overwrite?: boolean;
  /** Octal, `644`. */
  readonly permission?: string;
}

/** As WebHDFS tells it; times in milliseconds since the epoch, `permission` octal. */
export interface HdfsStatus {
  /** The entry's name in the folder that was listed, empty for the asked path itself. */
  readonly name: string;
  readonly type: 'FILE' | 'DIRECTORY' | 'SYMLINK';
  readonly length: number;
  readonly owner: string;
  readonly group: string;
  readonly permission: string;
  readonly hasAcl: boolean;
  readonly replication: number;
  readonly blockSize: number;
  readonly modificationTime: number;
  readonly accessTime: number;
}

/** The path in `hdfs://analytics-hadoop/a/b`, `hdfs:///a/b` or `/a/b`; percent signs stand for themselves. */
export function hdfsPath(uri: string): string {
  const match = /^(?:hdfs|webhdfs):(?:\/\/[^/]*)?(\/.*)?$/i.exec(uri);
  return match === null ? uri : (match[1] ?? '/');
}
