import path from 'node:path';
import type { Project } from '../config/project.ts';

/** What a save asks for. */
export interface Reaction {
  /** DAG files to parse; every one when it is empty and `parseAll` is set. */
  readonly parse: readonly string[];
  readonly parseAll: boolean;
  /** Plugin files whose contents the services hold in memory. */
  readonly restartFor: readonly string[];
}

export interface Known {
  /** DAG file -> the author's files that it read when it was parsed last. */
  readonly sources: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether a file is, or may be read by, a plugin of Airflow's. */
  readonly isPlugin: (file: string) => boolean;
}

/** Decides what to do about changed files: pure but for `isPlugin`. Paths are absolute. */
export function reactTo(
  changed: readonly string[],
  project: Pick<Project, 'repositories'>,
  known: Known,
): Reaction {
  const parse = new Set<string>();
  const restartFor: string[] = [];
  let parseAll = false;
  for (const file of changed) {
    if (path.basename(file) === '.airflowignore') parseAll = true;
    if (!isCode(file)) continue;
    const readers = [...known.sources].filter(([, sources]) => sources.has(file)).map(([reader]) => reader);
    for (const reader of readers) parse.add(reader);
    if (isInDags(file, project)) parse.add(file);
    else if (known.isPlugin(file)) restartFor.push(file);
    // Who reads it is not known before every file was parsed once.
    else if (readers.length === 0 && known.sources.size === 0) parseAll = true;
  }
  return { parse: parseAll ? [] : [...parse], parseAll, restartFor };
}

/** Folders that hold much and never a DAG. */
export function isIgnored(file: string): boolean {
  return file.split(path.sep).some((part) => IGNORED.has(part) || part.endsWith('.egg-info'));
}

const IGNORED = new Set([
  '.git',
  '.devenv',
  '.venv',
  'venv',
  'node_modules',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.tox',
  '.idea',
  '.vscode',
]);

function isCode(file: string): boolean {
  return file.endsWith('.py') || file.endsWith('.zip');
}

function isInDags(file: string, project: Pick<Project, 'repositories'>): boolean {
  return project.repositories
    .flatMap((each) => each.dagsFolders)
    .some((folder) => file.startsWith(folder + path.sep));
}
