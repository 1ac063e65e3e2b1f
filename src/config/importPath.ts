import path from 'node:path';
import { enclosingFolders } from './findRoot.ts';
import { isFolder, isInside, pythonFilesIn, readFolder, readText } from './folders.ts';
import type { Layout } from './layout.ts';
import type { Repository } from './project.ts';

/**
 * The folders that production has on `sys.path` for this repository, absolute, in its order. Airflow appends
 * its config folder, then the plugins, then the DAGs (measured on 2.11.2 and 3.3.2); what a deployment copies
 * into the plugins folder (`shared/`) comes next, then the repository itself and the folders named by hand.
 */
export async function importPath(
  root: string,
  layout: Layout,
  extraFolders: readonly string[],
): Promise<string[]> {
  const configFolder = path.join(root, 'config');
  // In a repository of instances `config` is a folder of artifact files, not AIRFLOW_HOME's.
  const hasConfig = layout.kind !== 'instances' && (await isFolder(configFolder));
  return [
    ...new Set([
      ...(hasConfig ? [configFolder] : []),
      ...layout.pluginsFolders,
      ...layout.dagsFolders,
      ...(await sharedFolders(path.join(root, 'shared'))),
      root,
      ...(await foldersAround(root, layout)),
      ...extraFolders,
    ]),
  ];
}

/**
 * A project that is a package itself: DAG files in `warehouse/dags` that import `warehouse.plugins` need the folder
 * around `warehouse`.
 */
async function foldersAround(root: string, layout: Layout): Promise<string[]> {
  const around = await enclosingFolders(root);
  if (around.length === 0) return [];
  const files = await pythonFilesIn(layout.dagsFolders, MOST_FILES);
  const texts = await Promise.all(files.map(async (file) => (await readText(file)) ?? ''));
  return around.filter((folder) => {
    const [name = ''] = path.relative(folder, root).split(path.sep);
    // What is no identifier can't be imported.
    if (!/^[A-Za-z_]\w*$/.test(name)) return false;
    const imported = new RegExp(String.raw`^\s*(?:from|import)\s+${name}\b`, 'm');
    return texts.some((text) => imported.test(text));
  });
}

const MOST_FILES = 50;

/**
 * The import path for one DAG file. Production runs one instance of `<instance>/dags` at a time, so that
 * modules of the same name beside the DAGs of two instances never meet; here the other instances are left out.
 */
export function importPathForFile(repository: Repository, file: string): readonly string[] {
  const own = repository.dagsFolders.filter((folder) => isInside(file, folder));
  if (own.length === 0) return repository.pythonPath;
  const others = new Set(repository.dagsFolders.filter((folder) => !own.includes(folder)));
  return repository.pythonPath.filter((folder) => !others.has(folder));
}

/**
 * `shared` makes `import <package>` of `shared/<package>` work, with or without an `__init__.py`. A folder in it
 * that is no package but holds some is a project of its own: what it holds is what is imported.
 */
async function sharedFolders(shared: string): Promise<string[]> {
  if (!(await isFolder(shared))) return [];
  const found = [shared];
  for (const name of [...(await readFolder(shared)).folders].toSorted()) {
    const sources = await projectSources(path.join(shared, name));
    if (sources !== undefined) found.push(sources);
  }
  return found;
}

async function projectSources(folder: string): Promise<string | undefined> {
  const { files, folders } = await readFolder(folder);
  if (files.has('__init__.py')) return undefined;
  if (folders.has('src')) return path.join(folder, 'src');
  if (['pyproject.toml', 'setup.py', 'setup.cfg'].some((name) => files.has(name))) return folder;
  for (const name of folders) {
    if ((await readFolder(path.join(folder, name))).files.has('__init__.py')) return folder;
  }
  return undefined;
}
