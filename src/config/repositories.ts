import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { wholeProjectsBelow } from './findRoot.ts';
import { readFolder } from './folders.ts';
import { importPath } from './importPath.ts';
import { detectLayout } from './layout.ts';
import type { Repository } from './project.ts';

/** What makes a folder a repository: one that only holds many things is not searched for DAG files. */
const MARKS = ['.git', 'devenv.yaml', 'airflow-devenv.yaml'];

/** What a person may say about a repository; the rest is found by looking. All paths are absolute. */
export interface RepositoryRequest {
  readonly path: string;
  readonly name?: string | undefined;
  readonly dags?: readonly string[] | undefined;
  readonly plugins?: readonly string[] | undefined;
  readonly pythonPath?: readonly string[] | undefined;
}

/** The repositories with layout, import path and a name of their own each, in the order given. */
export async function describeRepositories(requests: readonly RepositoryRequest[]): Promise<Repository[]> {
  const taken = new Set(requests.flatMap(({ name }) => name ?? []));
  const found: Repository[] = [];
  for (const request of requests) {
    const root = await realpath(request.path);
    found.push(await describeRepository(root, request.name ?? freeName(root, taken), request));
  }
  return found;
}

/** What a project without a list of repositories consists of: its root, or the whole projects side by side in it. */
export async function repositoriesByLooking(root: string): Promise<Repository[]> {
  const whole = await wholeProjectsBelow(root);
  const separate = whole.length > 0 && whole.length === (await detectLayout(root)).dagsFolders.length;
  return describeRepositories((separate ? whole : [root]).map((folder) => ({ path: folder })));
}

async function describeRepository(
  root: string,
  name: string,
  request: RepositoryRequest,
): Promise<Repository> {
  const { folders, files } = await readFolder(root);
  const isChosen = MARKS.some((name) => folders.has(name) || files.has(name));
  const looked = await detectLayout(root, { inSubfolders: isChosen });
  const layout = {
    kind: looked.kind,
    dagsFolders: request.dags ?? looked.dagsFolders,
    pluginsFolders: request.plugins ?? looked.pluginsFolders,
  };
  return {
    name,
    path: root,
    layout: layout.kind,
    dagsFolders: layout.dagsFolders,
    pluginsFolders: layout.pluginsFolders,
    pythonPath: await importPath(root, layout, request.pythonPath ?? []),
  };
}

function freeName(root: string, taken: Set<string>): string {
  const base = path.basename(root) || 'root';
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
  taken.add(name);
  return name;
}
