import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';

export interface SqliteFacts {
  /** What `alembic_version` says. */
  readonly revision?: string;
  /** Table -> number of rows. */
  readonly rows: Readonly<Record<string, number>>;
  /** Whether a writer could write now. */
  readonly writable: boolean;
}

/**
 * What is in a SQLite file. Python asks: its SQLite is the one that Airflow uses, and Node's is an experiment.
 *
 * @throws DevenvError `sqlite_unreadable`.
 */
export async function sqliteFacts(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
): Promise<SqliteFacts> {
  return (await ask(context, python, 'facts', file)) as SqliteFacts;
}

/**
 * Makes the file alone be the database: a hot journal is rolled back, a write-ahead log is taken in.
 *
 * @throws DevenvError `sqlite_locked`, `sqlite_unreadable`.
 */
export async function settleSqlite(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
): Promise<void> {
  await ask(context, python, 'settle', file);
}

/**
 * Copies everything that can be read into a new file, and looks whether it is whole.
 *
 * @returns what the integrity check found; empty when all is well.
 */
export async function copySqlite(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
  target: string,
): Promise<readonly string[]> {
  return ((await ask(context, python, 'copy', file, target)) as { problems: string[] }).problems;
}

/** Rows of each table, and the names in some with a digest of their columns. */
export async function sqliteNames(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  file: string,
  wanted: Readonly<
    Record<string, { readonly table: string; readonly name: string; readonly columns: readonly string[] }>
  >,
): Promise<{ rows: Record<string, number>; names: Record<string, Record<string, string>> }> {
  return (await ask(context, python, 'names', file, JSON.stringify(wanted))) as {
    rows: Record<string, number>;
    names: Record<string, Record<string, string>>;
  };
}

async function ask(
  context: Pick<Context, 'env' | 'signal'>,
  python: string,
  ...args: readonly string[]
): Promise<unknown> {
  const { exitCode, stdout, stderr } = await runCommand(python, ['-I', '-S', '-c', SCRIPT, ...args], {
    env: { PATH: context.env['PATH'], LD_LIBRARY_PATH: context.env['LD_LIBRARY_PATH'], LC_ALL: 'C.UTF-8' },
    signal: context.signal,
    allowFailure: true,
  });
  if (exitCode === 0) return JSON.parse(stdout);
  const file = args[1] ?? '';
  const why = stderr.trim().split('\n').at(-1) ?? '';
  if (/database is locked|database table is locked/.test(why)) {
    throw new DevenvError({
      code: 'sqlite_locked',
      what: `The database ${file} is locked.`,
      why: 'Another process writes to it, or has stopped in the middle of writing.',
      next: ['devenv unlockdb says who, and frees it'],
    });
  }
  throw new DevenvError({
    code: 'sqlite_unreadable',
    what: `SQLite can't read ${file}.`,
    why,
    next: ['devenv unlockdb copies what can be read', 'devenv snapshot list shows what can be restored'],
  });
}

const SCRIPT = `
import json, sqlite3, sys
action, file, *more = sys.argv[1:]
def connect(path, mode="rw"):
    from urllib.parse import quote
    return sqlite3.connect(f"file:{quote(path)}?mode={mode}", uri=True, timeout=2, isolation_level=None)
def facts():
    connection = connect(file)
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]
    rows = {name: connection.execute('select count(*) from "' + name.replace('"', '""') + '"').fetchone()[0] for name in tables}
    found = connection.execute("select version_num from alembic_version").fetchone() if "alembic_version" in tables else None
    writable = True
    try:
        connection.execute("pragma busy_timeout = 300")
        connection.execute("begin immediate")
        connection.execute("rollback")
    except sqlite3.OperationalError:
        writable = False
    return {"rows": rows, "writable": writable, **({"revision": found[0]} if found else {})}
def names():
    import hashlib
    connection = connect(file)
    connection.row_factory = sqlite3.Row
    found = {}
    for kind, each in json.loads(more[0]).items():
        rows = connection.execute('select * from "' + each["table"] + '"').fetchall()
        digest = lambda row: hashlib.sha256(repr([row[c] for c in each["columns"] if c in row.keys()]).encode()).hexdigest()
        found[kind] = {row[each["name"]]: digest(row) for row in rows}
    return {"rows": facts()["rows"], "names": found}
def settle():
    connection = connect(file)
    connection.execute("begin exclusive")
    connection.execute("rollback")
    connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    connection.close()
    return {}
def copy():
    source, target = connect(file), connect(more[0], "rwc")
    source.backup(target)
    problems = [text for (text,) in target.execute("pragma integrity_check(20)") if text != "ok"]
    problems += [f"foreign key of {row[0]} row {row[1]}" for row in target.execute("pragma foreign_key_check").fetchmany(20)]
    target.close()
    return {"problems": problems}
print(json.dumps({"facts": facts, "names": names, "settle": settle, "copy": copy}[action]()))
`;
