import type { FileDefaults } from '../store/store.ts';

/** What may change while a server runs. */
export interface ServerSettings {
  /** Names by which clients may call the server, besides addresses and `localhost`. */
  readonly names: readonly string[];
  /** Of files for which a client says nothing; HDFS' own where absent. */
  readonly defaults?: Partial<FileDefaults>;
  readonly proxyUsers: readonly ProxyUser[];
}

/** A user that may act as others: Hadoop's `hadoop.proxyuser.NAME.users`, `.groups` and `.hosts`. */
export interface ProxyUser {
  readonly user: string;
  /** `*` for all. */
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly hosts: readonly string[];
}

export const NO_SETTINGS: ServerSettings = { names: [], proxyUsers: [] };
