/** What a line that begins with a backslash asks for. */
export type PromptCommand =
  | { readonly kind: 'quit' }
  | { readonly kind: 'help' }
  | { readonly kind: 'statement'; readonly sql: string }
  | { readonly kind: 'unknown'; readonly name: string };

/** The few of psql's commands that our own prompt knows. */
export function promptCommand(line: string): PromptCommand {
  const [name = '', argument] = line.trim().replace(/;$/, '').split(/\s+/);
  if (name === '\\q') return { kind: 'quit' };
  if (name === '\\?' || name === '\\h') return { kind: 'help' };
  if (name === '\\dt' || (name === '\\d' && argument === undefined))
    return { kind: 'statement', sql: TABLES };
  if (name === '\\d') return { kind: 'statement', sql: columnsOf(argument ?? '') };
  return { kind: 'unknown', name };
}

export const PROMPT_HELP: readonly string[] = [
  '\\dt      tables',
  '\\d NAME  columns of a table',
  '\\q       quit (or Ctrl+D)',
  'Everything else is SQL, up to a semicolon. Ctrl+C drops what was typed, or ends the statement that runs.',
];

const TABLES = `
select schemaname as schema, relname as name, n_live_tup as rows
from pg_stat_user_tables order by 1, 2`;

function columnsOf(table: string): string {
  const name = `'${table.replaceAll("'", "''")}'::regclass`;
  return `
select a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
  case when a.attnotnull then 'not null' else '' end as nullable,
  coalesce(pg_get_expr(d.adbin, d.adrelid), '') as default,
  coalesce((select string_agg(c.contype::text || ' ' || c.conname, ', ') from pg_constraint c
    where c.conrelid = a.attrelid and a.attnum = any(c.conkey) and c.contype in ('p', 'f', 'u')), '') as keys
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = ${name} and a.attnum > 0 and not a.attisdropped order by a.attnum`;
}
