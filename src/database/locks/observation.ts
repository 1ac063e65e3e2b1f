/** What a look at a database has found. Times are milliseconds since the epoch. */
export interface Observation {
  readonly now: number;
  readonly kind: 'postgres' | 'sqlite';
  readonly database: string;
  readonly sessions: readonly Session[];
  readonly prepared: readonly PreparedTransaction[];
  readonly schema: SchemaState;
  /** Undefined when the tables can't be read, because somebody has locked them. */
  readonly rows: AirflowRows | undefined;
  readonly surroundings: Surroundings;
  /** SQLite only. */
  readonly file?: SqliteFileState;
}

/** A connection to the database that is not the observer's own. */
export interface Session {
  /** Of the server's process for it: what ends the connection. */
  readonly backend: number;
  readonly applicationName: string;
  readonly state: string;
  /** Of the process at the other end, where it can be known. */
  readonly client?: { readonly pid: number; readonly command: string };
  readonly connectedAt: number;
  readonly stateSince: number;
  readonly transactionSince?: number;
  /** The last one, without the values in it. */
  readonly statement: string;
  readonly waitsSince?: number;
  /** The table whose lock, or whose row, it waits for. */
  readonly awaits?: string;
  readonly blockedBy: readonly number[];
  /** What it holds that others may wait for, in words: `migration lock`, `slot_pool (RowExclusiveLock)`. */
  readonly holds: readonly string[];
  /** Airflow's own locks among these. */
  readonly advisory: readonly AdvisoryLock[];
}

export type AdvisoryLock = 'migration' | 'scheduler' | 'other';

export interface PreparedTransaction {
  readonly name: string;
  readonly owner: string;
  readonly preparedAt: number;
}

export interface SchemaState {
  /** Rows of `alembic_version`; undefined when the table is missing. */
  readonly revisions: readonly string[] | undefined;
  readonly tables: number;
  /** What the installed Airflow wants, and what it knows; undefined when its migrations can't be found. */
  readonly head: string | undefined;
  readonly isKnown: boolean;
  /** Tables that an interrupted migration has left beside the real ones. */
  readonly leftovers: readonly string[];
}

export interface AirflowRows {
  /** Whose state is `running`. */
  readonly jobs: readonly JobRow[];
  /** `running`, `queued` or `restarting`. */
  readonly tasks: readonly TaskRow[];
  /** `running`. */
  readonly runs: readonly RunRow[];
}

export interface JobRow {
  readonly id: number;
  readonly type: string;
  readonly heartbeat: number;
}

export interface TaskRow {
  readonly dagId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly state: string;
  /** The scheduler's job that has queued it. */
  readonly job: number | undefined;
  readonly jobState: string | undefined;
  /** The last time anything was heard of it. */
  readonly lastSign: number;
}

export interface RunRow {
  readonly dagId: string;
  readonly runId: string;
  /** Executed by `DAG.test()`, not by a scheduler. */
  readonly isTest: boolean;
  readonly startedAt: number;
  readonly maxActiveRuns: number | undefined;
  readonly runningOfDag: number;
  readonly queuedOfDag: number;
}

/** What is known of our own processes from elsewhere. */
export interface Surroundings {
  /** Services of the stack that run, by name; pid where known. */
  readonly services: Readonly<Record<string, number | undefined>>;
  /** DAG runs that a living `devenv run-dag` executes. */
  readonly liveRuns: readonly { readonly dagId: string; readonly runId: string; readonly pid: number }[];
  /** Processes of a stack that was killed, which nobody owns any more. */
  readonly leftovers: readonly { readonly pid: number; readonly description: string }[];
  /** A devenv that makes or migrates the database now. */
  readonly preparing: { readonly pid: number } | undefined;
}

export interface SqliteFileState {
  readonly path: string;
  readonly writable: boolean;
  /** Why it can't be read at all. */
  readonly unreadable?: string;
  /** A rollback journal that is not empty. */
  readonly journalBytes: number;
  readonly walBytes: number;
  readonly holders: readonly {
    readonly pid: number;
    readonly command: string;
    readonly component?: string;
  }[];
}

export interface Owner {
  /** Started by us, and ours to end when a person agrees. */
  readonly isOurs: boolean;
  /** In a person's words. */
  readonly name: string;
  /** Of the stack, when it is one of its services. */
  readonly service?: string;
}

/** Who is behind an `application_name`. */
export function ownerOf(session: Pick<Session, 'applicationName' | 'client'>): Owner {
  const name = session.applicationName;
  const component = /^airflow-devenv[ -](.+)$/.exec(name)?.[1];
  if (component === 'run-dag') return { isOurs: true, name: 'devenv run-dag' };
  if (component === 'cli') return { isOurs: true, name: 'another devenv command' };
  if (component === 'migrate') return { isOurs: true, name: 'a migration of devenv' };
  if (component !== undefined) return { isOurs: true, name: component, service: component };
  if (name === 'devenv')
    return { isOurs: false, name: 'a program that devenv airflow, python or shell started' };
  if (name !== '') return { isOurs: false, name };
  return { isOurs: false, name: session.client?.command.split(' ')[0] ?? 'a program without a name' };
}

/**
 * A statement without its values, which may be secrets: strings and numbers become `?`. At most 120 characters.
 */
export function withoutValues(statement: string): string {
  const text = statement
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, '?')
    .replaceAll(/'(?:[^']|'')*(?:'|$)/g, '?')
    .replaceAll(/\b\d+(?:\.\d+)?\b/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
