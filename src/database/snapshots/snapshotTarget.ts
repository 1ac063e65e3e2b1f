import type { DatabaseRequest } from '../databaseRequest.ts';

/** The project's database, and what else belongs into a snapshot of the project. */
export interface SnapshotTarget extends DatabaseRequest {
  readonly parts: readonly SnapshotPart[];
}

/** Data beside the database that go with every snapshot: a mock file system, volumes. */
export interface SnapshotPart {
  /** Of its folder in the snapshot. */
  readonly name: string;
  /** @returns false when there is nothing to copy. */
  save(folder: string): Promise<boolean>;
  /** May be called again after a kill: the second call ends what the first began. */
  restore(folder: string): Promise<void>;
}

/**
 * How databases of one kind are copied and exchanged. Whoever calls holds the database's lock and has settled what an
 * earlier command left.
 */
export interface SnapshotStorage {
  /** Of the live database, in bytes; undefined when there is none. */
  size(): Promise<number | undefined>;
  /** What its `alembic_version` says; undefined as well where it is beyond reading. */
  revision(): Promise<string | undefined>;
  /**
   * Copies the live database.
   *
   * @param whileInUse leaves everybody connected; slower.
   */
  save(place: SnapshotPlace, whileInUse: boolean): Promise<void>;
  /** Whether the copy is there, and whole. */
  has(place: SnapshotPlace): Promise<boolean>;
  remove(place: SnapshotPlace): Promise<void>;
  /** Makes a copy that can take the live one's place; `source` undefined: a new, migrated, empty one. */
  prepare(id: string, source: SnapshotPlace | OtherDatabase | undefined): Promise<void>;
  /** Databases of the project, for other minor versions of Airflow too. */
  databases(): Promise<readonly string[]>;
  /** Migrates the prepared copy to what this Airflow wants. */
  migrate(id: string): Promise<void>;
  /**
   * The live database becomes the snapshot at `aside`, and the prepared copy the live one: in one step.
   *
   * @returns where the files of a live one are kept that is beyond reading, and is no snapshot.
   */
  exchange(id: string, aside: SnapshotPlace): Promise<string | undefined>;
  /** Whether `exchange` has not happened yet: the prepared copy is still beside the live one. */
  isPrepared(id: string): Promise<boolean>;
  discardPrepared(id: string): Promise<void>;
  /** Ends statements that go on in the server although the command that sent them was killed. */
  endAbandoned(): Promise<void>;
  /** Ends what a kill has left of copies that nobody wants. */
  discardLeftovers(): Promise<void>;
}

/** Of the same project, for another minor version of Airflow: `airflow_3_2`. */
export interface OtherDatabase {
  readonly database: string;
}

export interface SnapshotPlace {
  readonly id: string;
  /** The snapshot's folder. */
  readonly folder: string;
}
