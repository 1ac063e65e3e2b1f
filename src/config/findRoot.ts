import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { isReallyInside, readFolder } from './folders.ts';
import { detectLayout, hasArtifacts, projectCandidates } from './layout.ts';
import type { Layout } from './layout.ts';

/** Looked for in this order in each folder, from the working directory upwards. */
const CONFIG_NAMES = ['airflow-devenv.yaml', 'devenv.yaml'];
/** With one of these beside a `dags` folder, the folder is a whole Airflow project wherever it lies. */
const PROJECT_MARKS = [
  'plugins',
  'shared',
  'include',
  '.astro',
  'Dockerfile',
  'requirements.txt',
  'airflow_settings.yaml',
];

/** The nearest configuration file at or above the folder; absolute. */
export async function findConfigFile(directory: string): Promise<string | undefined> {
  for (const each of selfAndAncestors(directory)) {
    const { files } = await readFolder(each);
    // Where there is a devenv.nix, devenv.yaml belongs to the other program of that name.
    const name = CONFIG_NAMES.find(
      (known) => files.has(known) && !(known === 'devenv.yaml' && files.has('devenv.nix')),
    );
    if (name !== undefined) return path.join(each, name);
  }
  return undefined;
}

/**
 * The project's folder when nothing is configured; a real path. A whole Airflow project around the working
 * directory, else the Git top level if it has DAGs, else the nearest folder above with DAGs, else the one whole
 * project below, else the Git top level, else the working directory.
 */
export async function findProjectRoot(workingDirectory: string): Promise<string> {
  const start = await realpath(workingDirectory);
  const gitTop = await findGitTop(start);
  const around = selfAndAncestors(start, gitTop);
  for (const each of around) {
    if (await isWholeProject(each)) return each;
  }
  if (gitTop === undefined) return (await nearestWithDags(around)) ?? start;
  const dagsFolders = (await detectLayout(gitTop)).dagsFolders.length;
  const [whole] = await wholeProjectsBelow(gitTop);
  if (whole !== undefined && dagsFolders === 1) return whole;
  if (dagsFolders > 0) return gitTop;
  return (await nearestWithDags(around)) ?? (await soleProjectBelow(gitTop)) ?? gitTop;
}

/** The folders around this one in the same Git repository, the nearest first; absolute. */
export async function enclosingFolders(directory: string): Promise<string[]> {
  const gitTop = await findGitTop(directory);
  return gitTop === undefined ? [] : selfAndAncestors(directory, gitTop).slice(1);
}

/** Whole Airflow projects in folders of this one, which has no DAGs of its own; absolute, sorted. */
export async function wholeProjectsBelow(directory: string): Promise<string[]> {
  const content = await readFolder(directory);
  if (content.folders.has('dags')) return [];
  const candidates = projectCandidates(content).map((name) => path.join(directory, name));
  const whole = await Promise.all(candidates.map(isWholeProject));
  return candidates.filter((_, index) => whole[index]);
}

/** `services/airflow/dags` in a repository of many things: two folders deep is as far as we look. */
async function soleProjectBelow(directory: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const name of projectCandidates(await readFolder(directory))) {
    const folder = path.join(directory, name);
    for (const inner of projectCandidates(await readFolder(folder))) {
      const { folders } = await readFolder(path.join(folder, inner));
      if (folders.has('dags')) found.push(path.join(folder, inner));
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

async function isWholeProject(directory: string): Promise<boolean> {
  // `tests/dags` with a Dockerfile beside it belongs to the project around it.
  if (/^tests?$/.test(path.basename(directory))) return false;
  const { folders, files } = await readFolder(directory);
  if (!folders.has('dags') || files.has('airflow.cfg')) return false;
  if (!PROJECT_MARKS.some((name) => folders.has(name) || files.has(name))) return false;
  if (await hasArtifacts(directory)) return false;
  return isReallyInside(path.join(directory, 'dags'), directory);
}

async function nearestWithDags(directories: readonly string[]): Promise<string | undefined> {
  let withDagFilesOnly: string | undefined;
  for (const each of directories) {
    const layout = await detectLayout(each);
    if (layout.kind === 'none') {
      if (layout.dagsFolders.length > 0) withDagFilesOnly ??= each;
    } else if (layout.kind !== 'instances' || each === directories[0] || (await sharesArtifacts(layout))) {
      return each;
    }
  }
  return withDagFilesOnly;
}

/** A folder in which people keep all their projects looks like one with instances, but for the artifacts. */
async function sharesArtifacts({ dagsFolders }: Layout): Promise<boolean> {
  const found = await Promise.all(dagsFolders.map(async (folder) => hasArtifacts(path.dirname(folder))));
  return found.includes(true);
}

async function findGitTop(directory: string): Promise<string | undefined> {
  for (const each of selfAndAncestors(directory)) {
    const { folders, files } = await readFolder(each);
    // A file in work trees and submodules.
    if (folders.has('.git') || files.has('.git')) return each;
  }
  return undefined;
}

/** The folder and those above it, up to and with `last`. */
function selfAndAncestors(directory: string, last?: string): string[] {
  const parent = path.dirname(directory);
  if (directory === last || parent === directory) return [directory];
  return [directory, ...selfAndAncestors(parent, last)];
}
