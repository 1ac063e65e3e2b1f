import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseEnvironment } from './databaseProject.ts';

export interface Revisions {
  /** What a migrated database says. */
  readonly head: string;
  /** Every revision this Airflow knows the way from. */
  readonly known: ReadonlySet<string>;
}

/**
 * The revisions of the installed Airflow's own tables, read from its migration files: asking Airflow takes
 * seconds, this 10 ms. `undefined` when the files are not where Airflow has them.
 */
export async function readRevisions(
  environment: Pick<DatabaseEnvironment, 'directory'>,
): Promise<Revisions | undefined> {
  const folder = await findMigrations(environment.directory);
  if (folder === undefined) return undefined;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.py'));
  const sources = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return revisionsOf(sources);
}

/** `undefined` unless the sources have exactly one last revision. */
export function revisionsOf(sources: readonly string[]): Revisions | undefined {
  const known = new Set<string>();
  const superseded = new Set<string>();
  for (const source of sources) {
    for (const revision of assigned(source, 'revision')) known.add(revision);
    for (const revision of assigned(source, 'down_revision')) superseded.add(revision);
  }
  const heads = [...known].filter((revision) => !superseded.has(revision));
  return heads.length === 1 && heads[0] !== undefined ? { head: heads[0], known } : undefined;
}

/** The strings of `name = "…"`, `name: str | None = "…"` or `name = ("…", "…")`. */
function assigned(source: string, name: string): string[] {
  const value =
    new RegExp(`^${name}(?:\\s*:[^=\\n]+)?\\s*=\\s*(\\([^)]*\\)|.*)$`, 'm').exec(source)?.[1] ?? '';
  return [...value.matchAll(/["']([^"']+)["']/g)].flatMap((match) => match[1] ?? []);
}

async function findMigrations(directory: string): Promise<string | undefined> {
  const library = path.join(directory, 'lib');
  const pythons = (await readdir(library).catch(() => [])).filter((name) => name.startsWith('python'));
  for (const python of pythons) {
    const folder = path.join(library, python, 'site-packages', 'airflow', 'migrations', 'versions');
    if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  }
  return undefined;
}
