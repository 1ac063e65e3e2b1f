import type { Client, DatabaseError } from 'pg';
import { DevenvError } from '../errors.ts';
import { POSTGRES_PORT, POSTGRES_USER } from './describeDatabase.ts';

export type Query = (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/**
 * Our own connections and those of the processes we start have this in front of their `application_name`
 * (PGAPPNAME): those may be ended when they are idle, others may not.
 */
export const OUR_APPLICATION_NAME = 'airflow-devenv';

export interface Connection {
  readonly query: Query;
  close(): Promise<void>;
}

/** Whether the server has found files of a database missing or damaged. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // undefined_file, invalid_parameter_value and object_not_in_prerequisite_state (a folder of none), data_corrupted, index_corrupted;
  // internal_error is what broken catalogs lead to.
  return ['58P01', '22023', '55000', 'XX000', 'XX001', 'XX002'].includes(code);
}

/** SQLSTATE `disk_full`. */
function isDiskFull(error: unknown): error is DatabaseError {
  return error instanceof Error && 'code' in error && error.code === '53100';
}

function withoutSpace(error: DatabaseError): DevenvError {
  return new DevenvError({
    code: 'disk_full',
    what: 'Postgres has no space left for the database of this project.',
    why: `It says: ${error.message}.`,
    next: ['Free some space and run the command again; du -sh .devenv/* shows what the project takes'],
    cause: error,
  });
}

export interface ConnectionOptions {
  /** Ends the connection, also in the middle of a statement that waits for a lock. */
  readonly signal?: AbortSignal;
  readonly connectTimeoutMs?: number;
}

/**
 * Connects to a database of the cluster, does the work and disconnects.
 *
 * @throws the driver's error, whose `code` is an SQLSTATE; DevenvError `postgres_gone` when nobody answers any more,
 * `disk_full`.
 */
export async function withConnection<T>(
  socketDirectory: string,
  database: string,
  work: (query: Query) => Promise<T>,
  options: ConnectionOptions = {},
): Promise<T> {
  const connection = await openConnection(socketDirectory, database, options);
  try {
    return await work(connection.query);
  } finally {
    await connection.close();
  }
}

/** As `withConnection`, for who asks again and again and closes it. */
export async function openConnection(
  socketDirectory: string,
  database: string,
  { signal, connectTimeoutMs = 10_000 }: ConnectionOptions = {},
): Promise<Connection> {
  // Loaded on first use: a warm run asks nothing of Postgres from here.
  const pg = await import('pg');
  const client = new pg.Client({
    host: socketDirectory,
    port: POSTGRES_PORT,
    user: POSTGRES_USER,
    database,
    application_name: `${OUR_APPLICATION_NAME}-cli`,
    connectionTimeoutMillis: connectTimeoutMs,
    ssl: false,
  });
  // A server that is killed while we wait also emits; the query's own promise tells us enough.
  client.on('error', () => {});
  // Killed, or stopped by another command: no statement of ours is at fault.
  const explain = (error: unknown): unknown => {
    if (isDiskFull(error)) return withoutSpace(error);
    const isAnswer = error instanceof pg.DatabaseError && !GONE.test(error.code ?? '');
    return signal?.aborted === true || isAnswer ? error : postgresGone(error);
  };
  // The server notices that its client has gone, and ends what it waits for.
  const cut = (): void => void client.connection.stream.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', cut);
    await client.end().catch(() => {});
  };
  try {
    signal?.throwIfAborted();
    await client.connect();
  } catch (error) {
    await close();
    throw explain(error);
  }
  return { query: queryOf(client, explain), close };
}

/** admin_shutdown, crash_shutdown, cannot_connect_now, and all connection exceptions. */
const GONE = /^(57P0[123]|08)/;

function postgresGone(error: unknown): DevenvError {
  return new DevenvError({
    code: 'postgres_gone',
    what: 'Postgres has gone, or does not answer.',
    why: error instanceof Error ? `${error.message}.` : String(error),
    next: ['Run the command again: it starts Postgres', 'devenv logs postgres, and devenv doctor'],
    cause: error,
  });
}

function queryOf(client: Client, explain: (error: unknown) => unknown): Query {
  let last: Promise<unknown> = Promise.resolve();
  return (text, values = []) => {
    // One after the other: the driver will not keep a queue of its own for ever.
    const rows = last.then(
      async () => (await client.query(text, [...values])).rows as Record<string, unknown>[],
    );
    last = rows.catch(() => {});
    return rows.catch((error: unknown) => {
      throw explain(error);
    });
  };
}
