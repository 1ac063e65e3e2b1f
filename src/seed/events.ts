/**
 * What `devenv seed` tells, in text and with `--json`. The shape is a stable interface: `v` grows when a reader
 * would have to change.
 */
export const SEED_REPORT_VERSION = 1;

/** `apply` writes; `compare` says what `apply` would do. */
export type SeedMode = 'apply' | 'compare';

export type SeedAction =
  | 'created'
  | 'updated'
  | 'unchanged'
  /** Deleted: seeded earlier, and no longer in the files. */
  | 'removed'
  /** Seeded earlier and no longer in the files; `--prune` would delete it. */
  | 'left'
  /** Differs from the files and was left as it is: `on_up: missing`. */
  | 'kept'
  | 'failed'
  /** Could have been applied, but with `--atomic` it is all or nothing. */
  | 'skipped';

export interface SeedReport {
  readonly v: typeof SEED_REPORT_VERSION;
  readonly event: 'seed';
  readonly mode: SeedMode;
  /** Nothing failed. */
  readonly ok: boolean;
  /** The database has, or before `apply` had, something else than the files. */
  readonly changed: boolean;
  readonly files: readonly string[];
  /** Files of the folder seed/ with names that are not taken. */
  readonly passed_over?: readonly string[];
  readonly items: readonly SeedItemReport[];
  readonly duration_ms: number;
}

export interface SeedItemReport {
  /** Absent when a whole file failed. */
  readonly kind?: 'variable' | 'connection' | 'pool';
  readonly name?: string;
  readonly action: SeedAction;
  /** Of an update; with `compare` of a new item, too. */
  readonly changes?: readonly SeedChange[];
  readonly error?: SeedItemError;
  /** Why it was kept: changed in the database since it was seeded, or not made by a seed. */
  readonly kept?: 'changed' | 'not_seeded';
  /** The update took back a change that was made in the database since the last seed. */
  readonly overwrites?: boolean;
  /** The environment variable that Airflow reads instead of the database. */
  readonly shadowed_by?: string;
}

/** Secret values are fingerprints; null is nothing. */
export interface SeedChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface SeedItemError {
  readonly code: string;
  readonly what: string;
  readonly why?: string;
  readonly next: readonly string[];
  readonly misuse: boolean;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}
