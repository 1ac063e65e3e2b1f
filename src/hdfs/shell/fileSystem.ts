import type { HdfsBody, HdfsRange, HdfsStatus } from '../client/hdfsFiles.ts';

/**
 * What the commands do with files, the same for HDFS and for the machine's own: `put` and `get` are copies between
 * the two. Paths are absolute.
 */
export interface FileSystem {
  readonly scheme: 'hdfs' | 'file';
  /** `undefined` when there is nothing. */
  status(path: string): Promise<HdfsStatus | undefined>;
  /** Entries with their names. */
  list(path: string): Promise<readonly HdfsStatus[]>;
  read(path: string, range?: HdfsRange): Promise<AsyncIterable<Uint8Array>>;
  /** Parents are made. */
  write(path: string, body: HdfsBody, overwrite: boolean): Promise<void>;
  append(path: string, body: HdfsBody): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** @returns false when it can't be done. */
  rename(from: string, to: string): Promise<boolean>;
  delete(path: string, recursive: boolean): Promise<boolean>;
  /** Milliseconds since the epoch; undefined leaves a time as it is. */
  setTimes(path: string, modification: number | undefined, access: number | undefined): Promise<void>;
  setPermission(path: string, permission: string): Promise<void>;
  setOwner(path: string, owner: string | undefined, group: string | undefined): Promise<void>;
}

/** A path that was named or found, with what is there. */
export interface Item {
  readonly fileSystem: FileSystem;
  readonly path: string;
  /** As it was named: relative, absolute, or a URI. */
  readonly shown: string;
  /** `undefined` when there is nothing. */
  readonly status: HdfsStatus | undefined;
}

/** An item that is there. */
export type PresentItem = Item & { readonly status: HdfsStatus };

export function isFolder(item: Item): boolean {
  return item.status?.type === 'DIRECTORY';
}
