import type { Client } from 'pg';
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

/**
 * Connects to a database of the cluster, does the work and disconnects.
 *
 * @throws the driver's error, whose `code` is an SQLSTATE or a system error's.
 */
export async function withConnection<T>(
  socketDirectory: string,
  database: string,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(socketDirectory, database);
  try {
    return await work(connection.query);
  } finally {
    await connection.close();
  }
}

/** As `withConnection`, for who asks again and again and closes it. */
export async function openConnection(socketDirectory: string, database: string): Promise<Connection> {
  // Loaded on first use: a warm run asks nothing of Postgres from here.
  const { Client } = await import('pg');
  const client = new Client({
    host: socketDirectory,
    port: POSTGRES_PORT,
    user: POSTGRES_USER,
    database,
    application_name: `${OUR_APPLICATION_NAME}-cli`,
    connectionTimeoutMillis: 10_000,
    ssl: false,
  });
  // A server that is killed while we wait also emits; the query's own promise tells us enough.
  client.on('error', () => {});
  const close = (): Promise<void> => client.end().catch(() => {});
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw error;
  }
  return { query: queryOf(client), close };
}

function queryOf(client: Client): Query {
  return async (text, values = []) =>
    (await client.query(text, [...values])).rows as Record<string, unknown>[];
}
