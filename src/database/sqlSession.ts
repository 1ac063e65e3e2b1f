import type { DatabaseError, QueryArrayResult } from 'pg';
import { DevenvError } from '../errors.ts';
import type { DatabaseDescription } from './describeDatabase.ts';
import { POSTGRES_USER } from './describeDatabase.ts';

export interface SqlResult {
  /** `SELECT`, `INSERT`, … */
  readonly command: string;
  /** `undefined` for statements that count no rows. */
  readonly rowCount: number | undefined;
  readonly columns: readonly { readonly name: string; readonly kind: SqlKind }[];
  /** Values as Postgres writes them. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export type SqlKind = 'text' | 'number' | 'boolean' | 'json';

export interface SqlSession {
  /** @throws DevenvError `sql_failed`. */
  run(statement: string): Promise<SqlResult>;
  /** Ends the statement that runs. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A connection to the project's Postgres for statements that a person types.
 *
 * @param onNotice what the server says beside the result.
 * @throws DevenvError `sql_failed` when the server does not let us in.
 */
export async function openSqlSession(
  database: Pick<DatabaseDescription, 'name' | 'socketDirectory' | 'port'>,
  onNotice: (text: string) => void,
): Promise<SqlSession> {
  const { Client } = await import('pg');
  const options = {
    host: database.socketDirectory,
    port: database.port,
    user: POSTGRES_USER,
    database: database.name,
    ssl: false,
    connectionTimeoutMillis: 10_000,
  };
  const client = new Client({
    ...options,
    // Not ours to end when it is idle: a person may think.
    application_name: 'devenv psql',
    types: { getTypeParser: () => (value: string) => value },
  });
  client.on('error', () => {});
  client.on('notice', (notice) => onNotice(`${notice.severity ?? 'NOTICE'}: ${notice.message ?? ''}`));
  try {
    await client.connect();
  } catch (error) {
    throw sqlError(error, '');
  }
  return {
    async run(statement) {
      try {
        return resultOf(await client.query({ text: statement, rowMode: 'array' }));
      } catch (error) {
        throw sqlError(error, statement);
      }
    },
    async cancel() {
      const other = new Client(options);
      other.on('error', () => {});
      try {
        await other.connect();
        const { processID } = client as unknown as { processID: number };
        await other.query('select pg_cancel_backend($1)', [processID]);
      } finally {
        await other.end().catch(() => {});
      }
    },
    close: async () => client.end().catch(() => {}),
  };
}

function resultOf(result: QueryArrayResult<(string | null)[]>): SqlResult {
  return {
    command: result.command,
    rowCount: result.rowCount ?? undefined,
    columns: result.fields.map((field) => ({ name: field.name, kind: kindOf(field.dataTypeID) })),
    rows: result.rows,
  };
}

/** Numbers of types, from Postgres' pg_type.dat. */
function kindOf(type: number): SqlKind {
  if (type === 16) return 'boolean';
  if ([20, 21, 23, 26, 700, 701, 1700].includes(type)) return 'number';
  return type === 114 || type === 3802 ? 'json' : 'text';
}

function sqlError(error: unknown, statement: string): unknown {
  if (!(error instanceof Error)) return error;
  const { position, detail, hint } = error as Partial<DatabaseError>;
  const why = [placeOf(statement, Number(position)), detail].filter(
    (each) => each !== undefined && each !== '',
  );
  return new DevenvError({
    code: 'sql_failed',
    what: `${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`,
    ...(why.length === 0 ? {} : { why: why.join('\n') }),
    ...(hint === undefined ? {} : { next: [hint] }),
    cause: error,
  });
}

/** The line of the mistake, with a mark below it. */
function placeOf(statement: string, position: number): string | undefined {
  if (!(position > 0)) return undefined;
  const before = [...statement].slice(0, position - 1).join('');
  const number = before.split('\n').length;
  const line = statement.split('\n')[number - 1] ?? '';
  const column = before.length - (before.lastIndexOf('\n') + 1);
  return `line ${number}: ${line}\n${' '.repeat(`line ${number}: `.length + column)}^`;
}
