import path from 'node:path';
import type { Context } from '../../context.ts';
import { sqliteFile } from '../sqlite.ts';
import { sqliteNames } from '../sqliteTool.ts';
import { withConnection, type Query } from '../sql.ts';
import { quoted } from './postgresCopies.ts';
import { snapshotFolder } from './snapshotFolders.ts';
import { snapshotDatabase, type SnapshotRecord } from './snapshotRecord.ts';
import type { SnapshotTarget } from './snapshotTarget.ts';

export interface Difference {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly { readonly table: string; readonly before: number; readonly after: number }[];
  readonly names: Readonly<Record<string, NameChanges>>;
}

export interface NameChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What a database holds: rows of each table, and by kind the names of its things with a digest of each. */
export interface Contents {
  readonly rows: Readonly<Record<string, number>>;
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** @param after undefined: the database as it is. */
export async function diffSnapshots(
  context: Context,
  target: SnapshotTarget,
  before: SnapshotRecord,
  after: SnapshotRecord | undefined,
): Promise<Difference> {
  const [old, recent] = [await contentsOf(context, target, before), await contentsOf(context, target, after)];
  return { from: before.name, to: after?.name ?? 'now', ...compare(old, recent) };
}

/** Pure. */
export function compare(before: Contents, after: Contents): Pick<Difference, 'tables' | 'names'> {
  const tables = [...new Set([...Object.keys(before.rows), ...Object.keys(after.rows)])].toSorted();
  return {
    tables: tables
      .map((table) => ({ table, before: before.rows[table] ?? 0, after: after.rows[table] ?? 0 }))
      .filter((each) => each.before !== each.after),
    names: Object.fromEntries(
      Object.keys(after.names).map((kind) => [
        kind,
        compareNames(before.names[kind] ?? {}, after.names[kind] ?? {}),
      ]),
    ),
  };
}

function compareNames(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): NameChanges {
  const [old, recent] = [Object.keys(before).toSorted(), Object.keys(after).toSorted()];
  return {
    added: recent.filter((name) => !(name in before)),
    changed: recent.filter((name) => name in before && before[name] !== after[name]),
    removed: old.filter((name) => !(name in after)),
  };
}

/** Columns that change by being looked at would make everything a change. */
const NAMED: Readonly<
  Record<string, { readonly table: string; readonly name: string; readonly columns: readonly string[] }>
> = {
  variables: { table: 'variable', name: 'key', columns: ['val', 'description'] },
  connections: {
    table: 'connection',
    name: 'conn_id',
    columns: ['conn_type', 'host', 'schema', 'login', 'password', 'port', 'extra', 'description'],
  },
  pools: { table: 'slot_pool', name: 'pool', columns: ['slots', 'description', 'include_deferred'] },
  DAGs: { table: 'dag', name: 'dag_id', columns: ['is_paused', 'fileloc', 'max_active_runs'] },
};

async function contentsOf(
  context: Context,
  target: SnapshotTarget,
  record: SnapshotRecord | undefined,
): Promise<Contents> {
  if (target.description.kind === 'sqlite') {
    const file =
      record === undefined
        ? sqliteFile(target)
        : path.join(snapshotFolder(target.project.stateDirectory, record.name), 'airflow.db');
    return sqliteNames(context, target.environment.python, file, NAMED);
  }
  const database = record === undefined ? target.description.name : snapshotDatabase(record.id);
  return withConnection(target.description.socketDirectory ?? '', database, readContents, {
    signal: context.signal,
  });
}

async function readContents(query: Query): Promise<Contents> {
  const names: Record<string, Record<string, string>> = {};
  for (const [kind, { table, name, columns }] of Object.entries(NAMED)) {
    // As JSON, for a column that this version of Airflow does not have is no mistake.
    const digest = columns.map((column) => `to_jsonb(t) -> '${column}'`).join(', ');
    const rows = await query(
      `select ${quoted(name)} as name, md5(jsonb_build_array(${digest})::text) as digest from ${quoted(table)} t`,
    );
    names[kind] = Object.fromEntries(rows.map((row) => [String(row['name']), String(row['digest'])]));
  }
  return { rows: await countRows(query), names };
}

/** Table -> rows, exactly. */
export async function countRows(query: Query): Promise<Record<string, number>> {
  const tables = await query(
    `select c.relname as name from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
     order by 1`,
  );
  const parts = tables.map(({ name }) => {
    const table = String(name);
    return `select '${table.replaceAll("'", "''")}' as name, count(*)::float8 as rows from public.${quoted(table)}`;
  });
  if (parts.length === 0) return {};
  const rows = await query(parts.join(' union all '));
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['rows'])]));
}
