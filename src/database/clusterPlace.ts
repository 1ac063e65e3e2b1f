/** A Postgres server's data and where it is reached. */
export interface Cluster {
  /** Absolute, without links in it. */
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly logFile: string;
  /** Under root, the server of a new cluster runs as the owner of this folder. */
  readonly ownerLike: string;
  /** In place of the usual settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
}
