import { createHash } from 'node:crypto';
import { DevenvError } from '../../errors.ts';

/** What is known of a snapshot; `snapshot.json` in its folder. Holds no secret. */
export interface SnapshotRecord {
  readonly version: 1;
  readonly name: string;
  /** Eight hexadecimal digits; its data are named after it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What it was taken before, when nobody asked for it: `restore of monday`. */
  readonly automaticBefore?: string;
  readonly kind: 'postgres' | 'sqlite';
  /** Of the project's database that was copied: `airflow_3_3`. */
  readonly database: string;
  readonly airflowVersion: string;
  /** What `alembic_version` said. */
  readonly revision?: string;
  readonly git?: GitState;
  /** Tied to the branch in `git`. */
  readonly onBranch?: boolean;
  readonly sizeBytes: number;
  /** Of the keys that its values are encrypted with; `keyFingerprint`. */
  readonly keys: string;
  /** What else of the project was copied, by the name of its part. */
  readonly parts: readonly string[];
}

export interface GitState {
  /** Undefined when no branch is checked out. */
  readonly branch?: string;
  readonly commit: string;
}

/** Says which Fernet key it is, and nothing of the key; twelve hexadecimal digits. */
export function keyFingerprint(fernet: string): string {
  return createHash('sha256').update(`airflow-devenv key ${fernet}`).digest('hex').slice(0, 12);
}

/** The Postgres database a snapshot's rows are in. */
export function snapshotDatabase(id: string): string {
  return `snapshot_${id}`;
}

/** @throws DevenvError `snapshot_name_invalid` (misuse). */
export function assertSnapshotName(name: string): void {
  if (/^[A-Za-z0-9][\w.-]{0,79}$/.test(name)) return;
  throw new DevenvError({
    code: 'snapshot_name_invalid',
    what: `"${name}" can't be the name of a snapshot.`,
    why: 'It names a folder: letters, digits, ".", "_" and "-", a letter or digit first, 80 at most.',
    misuse: true,
  });
}
