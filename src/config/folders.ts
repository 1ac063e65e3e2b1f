import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** The names in one folder, by what they are. Links count as what they point to. */
export interface FolderContent {
  readonly path: string;
  readonly folders: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

/** Folders that never hold an author's code: tools' own, and what is generated. */
const GENERATED = new Set([
  'node_modules',
  'venv',
  'env',
  '__pycache__',
  'build',
  'dist',
  'logs',
  'site-packages',
]);

/** Reads one folder; one that is missing or unreadable is empty. Names of tools' own folders are left out. */
export async function readFolder(folder: string): Promise<FolderContent> {
  const folders = new Set<string>();
  const files = new Set<string>();
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const linked = entry.isSymbolicLink() ? await statOrNothing(path.join(folder, entry.name)) : undefined;
    if ((linked ?? entry).isFile()) files.add(entry.name);
    else if ((linked ?? entry).isDirectory() && !GENERATED.has(entry.name)) folders.add(entry.name);
  }
  return { path: folder, folders, files };
}

export async function isFolder(candidate: string): Promise<boolean> {
  return (await statOrNothing(candidate))?.isDirectory() ?? false;
}

/** True when `inner` really lies in `outer`: a link that leads elsewhere does not. */
export async function isReallyInside(inner: string, outer: string): Promise<boolean> {
  const [realInner, realOuter] = await Promise.all([realpath(inner), realpath(outer)]);
  return isInside(realInner, realOuter);
}

export function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative));
}

/** The text of a small file, or nothing when it can't be read. */
export async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** True when one of the Python files directly in the folder has text that matches. */
export async function anyPythonFile(
  folder: FolderContent,
  matches: (text: string) => boolean,
): Promise<boolean> {
  for (const name of folder.files) {
    if (!name.endsWith('.py')) continue;
    const text = await readText(path.join(folder.path, name));
    if (text !== undefined && matches(text)) return true;
  }
  return false;
}

/** Python files of these folders and of theirs, absolute, those less deep first; at most so many. */
export async function pythonFilesIn(folders: readonly string[], most: number): Promise<string[]> {
  const found: string[] = [];
  let level = folders;
  for (let depth = 0; depth < DEPTH && level.length > 0 && found.length < most; depth += 1) {
    const contents = await Promise.all(level.slice(0, most).map(readFolder));
    for (const content of contents) {
      const names = [...content.files].filter((name) => name.endsWith('.py')).toSorted();
      found.push(...names.map((name) => path.join(content.path, name)));
    }
    level = contents.flatMap((content) =>
      [...content.folders]
        .filter((name) => !name.startsWith('.'))
        .toSorted()
        .map((name) => path.join(content.path, name)),
    );
  }
  return found.slice(0, most);
}

const DEPTH = 4;

async function statOrNothing(candidate: string) {
  return stat(candidate).catch(() => undefined);
}
