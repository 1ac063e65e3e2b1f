import path from 'node:path';
import { anyPythonFile, isFolder, isReallyInside, readFolder, readText } from './folders.ts';
import type { FolderContent } from './folders.ts';
import type { LayoutKind } from './project.ts';

export interface Layout {
  readonly kind: LayoutKind;
  /** Absolute. */
  readonly dagsFolders: readonly string[];
  /** Absolute. */
  readonly pluginsFolders: readonly string[];
}

/** Folders of a repository that are never a project or an instance of their own. */
const NEVER_A_PROJECT = new Set(
  'dags plugins shared include operators sensors config tests test docs doc scripts bin tools data sql templates'.split(
    ' ',
  ),
);
const PROJECT_FILES = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'requirements.txt',
  'conda-environment.yaml',
];

/**
 * Finds out by looking how a repository is laid out. Reads names and a few small files, never runs anything.
 *
 * @param options.inSubfolders whether DAG files that lie in subfolders only make the root the DAGs folder, as where
 * production mounts a whole repository. Not for a folder that may be anything, such as a home.
 */
export async function detectLayout(
  root: string,
  { inSubfolders = false }: { readonly inSubfolders?: boolean } = {},
): Promise<Layout> {
  const content = await readFolder(root);
  const instances = await instanceFolders(content);
  const hasDags = content.folders.has('dags');
  const dagsFolders = [
    ...(hasDags ? [path.join(root, 'dags')] : []),
    ...instances.map((name) => path.join(root, name, 'dags')),
  ];
  const pluginsFolders = await findPluginsFolders(content, instances);
  if (instances.length > 0) return { kind: 'instances', dagsFolders, pluginsFolders };
  if (hasDags) return { kind: await kindWithDagsFolder(content), dagsFolders, pluginsFolders };
  const dagsAtRoot =
    (await anyPythonFile(content, looksLikeDagFile)) || (inSubfolders && (await anyDagsBelow(content, 2)));
  return { kind: 'none', dagsFolders: dagsAtRoot ? [root] : [], pluginsFolders };
}

/** Folders of the repository that may be projects or instances. */
export function projectCandidates(content: FolderContent): string[] {
  return [...content.folders]
    .filter((name) => !NEVER_A_PROJECT.has(name) && !name.startsWith('.'))
    .toSorted();
}

/** Airflow's own test is that the words "airflow" and "dag" occur; an import keeps a mere mention out. */
function looksLikeDagFile(text: string): boolean {
  return /^\s*(?:from|import)\s+airflow\b/m.test(text) && /dag/i.test(text);
}

/** So many folders deep, but not in projects of their own. */
async function anyDagsBelow(content: FolderContent, depth: number): Promise<boolean> {
  for (const name of projectCandidates(content)) {
    const below = await readFolder(path.join(content.path, name));
    if (below.folders.has('dags') || below.files.has('airflow.cfg')) continue;
    if (await anyPythonFile(below, makesDag)) return true;
    if (depth > 1 && (await anyDagsBelow(below, depth - 1))) return true;
  }
  return false;
}

/** Libraries of operators mention DAGs; a DAG file makes one. */
function makesDag(text: string): boolean {
  return looksLikeDagFile(text) && /\bDAG\s*\(|^@(?:\w+\.)?dag\b/m.test(text);
}

async function kindWithDagsFolder(content: FolderContent): Promise<LayoutKind> {
  if (await isAstroProject(content)) return 'astro';
  if (['plugins', 'shared', 'operators', 'sensors'].some((name) => content.folders.has(name))) {
    return 'plugins-shared';
  }
  for (const name of projectCandidates(content)) {
    if (holdsProject(await readFolder(path.join(content.path, name)))) return 'multi-project';
  }
  return 'plain';
}

async function isAstroProject(content: FolderContent): Promise<boolean> {
  if (content.folders.has('.astro') || content.files.has('airflow_settings.yaml')) return true;
  if (!content.files.has('Dockerfile')) return false;
  const dockerfile = await readText(path.join(content.path, 'Dockerfile'));
  return (
    content.files.has('packages.txt') || /^\s*FROM\s.*(?:astro-runtime|astronomer)/im.test(dockerfile ?? '')
  );
}

function holdsProject({ files, folders }: FolderContent): boolean {
  if (files.has('airflow.cfg')) return false;
  return folders.has('src') || PROJECT_FILES.some((name) => files.has(name)) || [...files].some(isPython);
}

/**
 * Names of the folders `<instance>` with an `<instance>/dags`. Beside a `dags/` of the repository's own only
 * those count that have artifacts of their own, since any project may have a folder called dags.
 */
async function instanceFolders(content: FolderContent): Promise<string[]> {
  const found: string[] = [];
  for (const name of projectCandidates(content)) {
    const instance = path.join(content.path, name);
    const { folders, files } = await readFolder(instance);
    if (!folders.has('dags') || files.has('airflow.cfg')) continue;
    // An AIRFLOW_HOME kept in the repository often has links to the repository's own folders.
    if (!(await isReallyInside(path.join(instance, 'dags'), instance))) continue;
    if (content.folders.has('dags') && !(await hasArtifacts(instance))) continue;
    found.push(name);
  }
  return found;
}

/** True for `<instance>/config/artifacts.yaml`: the instance belongs to the repository, it is not a project. */
export async function hasArtifacts(instance: string): Promise<boolean> {
  return (await readFolder(path.join(instance, 'config'))).files.has('artifacts.yaml');
}

async function findPluginsFolders(content: FolderContent, instances: readonly string[]): Promise<string[]> {
  const found = content.folders.has('plugins') ? [path.join(content.path, 'plugins')] : [];
  if (instances.length === 0) return found;
  for (const name of projectCandidates(content)) {
    const plugins = path.join(content.path, name, 'plugins');
    // A library may have a `plugins` package of its own that has nothing to do with Airflow.
    if (instances.includes(name) ? await isFolder(plugins) : await holdsAirflowPlugin(plugins))
      found.push(plugins);
  }
  return found;
}

async function holdsAirflowPlugin(folder: string): Promise<boolean> {
  return anyPythonFile(await readFolder(folder), (text) => text.includes('AirflowPlugin'));
}

function isPython(name: string): boolean {
  return name.endsWith('.py');
}
