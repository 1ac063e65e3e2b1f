import { randomBytes } from 'node:crypto';
import { DevenvError } from '../../errors.ts';
import { POSTGRES_PORT, POSTGRES_USER } from '../describeDatabase.ts';
import { withConnection, type Query } from '../sql.ts';
import { copyDatabase, databaseExists, dropDatabase, quoted, RESTORING } from './postgresCopies.ts';

/**
 * Copies a database that others are connected to: row by row, as they are at one moment. Slower than a copy of its
 * files; the tables come from the template of the same revision.
 *
 * @throws DevenvError `database_in_use` when somebody has locked a table, or has changed the tables themselves.
 */
export async function copyLiveDatabase(
  socketDirectory: string,
  names: { readonly source: string; readonly target: string; readonly template: string },
): Promise<void> {
  const aside = `${RESTORING}${randomBytes(4).toString('hex')}`;
  const ask = <T>(work: (query: Query) => Promise<T>): Promise<T> =>
    withConnection(socketDirectory, 'postgres', work);
  await ask(async (query) => {
    if (!(await databaseExists(query, names.template))) throw notNow(names.source, 'its template is missing');
    await copyDatabase(query, names.template, aside);
    // A template lets nobody in, and its copies are made so.
    await query(`alter database ${quoted(aside)} allow_connections true`);
  });
  try {
    await withConnection(socketDirectory, aside, (query) => fill(query, socketDirectory, names.source));
    // It appears under its name when it is whole.
    await ask((query) => query(`alter database ${quoted(aside)} rename to ${quoted(names.target)}`));
  } catch (error) {
    await ask((query) => dropDatabase(query, aside)).catch(() => {});
    throw asNotNow(error, names.source);
  }
}

/** The source's tables as foreign ones, read in one transaction: all rows are of the same moment. */
async function fill(query: Query, socketDirectory: string, source: string): Promise<void> {
  const options = [
    `host ${literal(socketDirectory)}`,
    `port '${POSTGRES_PORT}'`,
    `dbname ${literal(source)}`,
    `options '-c lock_timeout=1s'`,
    "fetch_size '5000'",
  ];
  await query('create extension postgres_fdw');
  await query(`create server source foreign data wrapper postgres_fdw options (${options.join(', ')})`);
  await query(
    `create user mapping for current_user server source options (user '${POSTGRES_USER}', password_required 'false')`,
  );
  await query('create schema source');
  await query('begin isolation level repeatable read');
  // Rows come in the order of the tables' names, not of their references.
  await query('set local session_replication_role = replica');
  await query('import foreign schema public from server source into source');
  const tables = (
    await query(
      "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
    )
  ).map((row) => String(row['relname']));
  await assertSameTables(query, tables);
  await query(`truncate ${tables.map((each) => `public.${quoted(each)}`).join(', ')}`);
  for (const table of tables) {
    const columns = (
      await query(
        `select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
           and attgenerated = '' order by attnum`,
        [`public.${quoted(table)}`],
      )
    )
      .map((row) => quoted(String(row['attname'])))
      .join(', ');
    await query(
      `insert into public.${quoted(table)} (${columns}) overriding system value select ${columns} from source.${quoted(table)}`,
    );
  }
  await query('commit');
  await copySequences(query, socketDirectory, source);
  await query('drop schema source cascade');
  await query('drop extension postgres_fdw cascade');
}

/** The template may be of another revision, or a migration half way. */
async function assertSameTables(query: Query, tables: readonly string[]): Promise<void> {
  const foreign = await query(
    "select relname from pg_class where relkind = 'f' and relnamespace = 'source'::regnamespace order by 1",
  );
  const there = foreign.map((row) => String(row['relname']));
  if (there.join() !== tables.join())
    throw notNow('the database', 'its tables are not those of its template');
}

async function copySequences(query: Query, socketDirectory: string, source: string): Promise<void> {
  const sequences = await withConnection(socketDirectory, source, (ask) =>
    ask(
      "select sequencename as name, last_value::text as value from pg_sequences where schemaname = 'public'",
    ),
  );
  for (const { name, value } of sequences) {
    if (value === null) continue;
    await query('select setval($1::regclass, $2::bigint)', [`public.${quoted(String(name))}`, value]);
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** lock_not_available, and what other tables than ours lead to. */
const NOT_NOW = new Set(['55P03', '40P01', '42P01', '42703', '42804', '57014']);

function asNotNow(error: unknown, source: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isOurs = error instanceof DevenvError;
  return !isOurs && NOT_NOW.has(code)
    ? notNow(source, error instanceof Error ? error.message : '', error)
    : error;
}

function notNow(source: string, why: string, cause?: unknown): DevenvError {
  return new DevenvError({
    code: 'database_in_use',
    what: `The database ${source} can't be copied while others use it.`,
    why,
    next: ['devenv unlockdb says who holds it'],
    cause,
  });
}
