/** Something that keeps the database, or Airflow, from going on. */
export interface Finding {
  readonly kind: FindingKind;
  /** One sentence: what holds what. */
  readonly what: string;
  /** Who, since when, which statement, who waits. */
  readonly details: readonly string[];
  /** The least that frees it; undefined when nothing is to be done here. */
  readonly action: Action | undefined;
  /** What a person can do, where no action of ours would be right. */
  readonly advice?: string;
}

export type FindingKind =
  | 'leftover_processes'
  | 'migration_lock'
  | 'scheduler_lock'
  | 'idle_in_transaction'
  | 'blocking_statement'
  | 'prepared_transaction'
  | 'stale_jobs'
  | 'orphaned_tasks'
  | 'stale_run'
  | 'migration_unfinished'
  | 'newer_airflow'
  | 'sqlite_locked'
  | 'sqlite_journal'
  | 'sqlite_damaged';

export interface RunKey {
  readonly dagId: string;
  readonly runId: string;
}

export type Action =
  /** Processes of a stack that was killed. */
  | { readonly kind: 'end-leftovers'; readonly processes: readonly number[] }
  /** Ends one connection; what it has not committed is undone. */
  | {
      readonly kind: 'end-session';
      readonly backend: number;
      readonly owner: string;
      readonly isOurs: boolean;
      readonly connectedAt: number;
    }
  | { readonly kind: 'restart-service'; readonly service: string }
  | { readonly kind: 'rollback-prepared'; readonly name: string }
  /** Says of jobs whose process is gone that they have ended, as Airflow itself does later. */
  | { readonly kind: 'retire-jobs'; readonly jobs: readonly number[] }
  /** Marks DAG runs that nobody executes any more as failed. */
  | { readonly kind: 'fail-runs'; readonly runs: readonly RunKey[] }
  | { readonly kind: 'migrate' }
  /** SQLite: ends a process of ours that holds the file. */
  | { readonly kind: 'end-process'; readonly pid: number; readonly owner: string; readonly isOurs: boolean }
  /** SQLite: rolls the journal back and takes the write-ahead log in. */
  | { readonly kind: 'settle-file' }
  /** SQLite: a copy of what can be read takes the file's place; the old one is kept. */
  | { readonly kind: 'rebuild-file' };
