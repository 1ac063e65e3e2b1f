import path from 'node:path';
import { readFolder, readText } from './folders.ts';
import type { Repository } from './project.ts';

/**
 * Requirements files that are installed without being named; absolute. At most one a repository.
 * docs/decisions/0002-requirements-found-by-looking.md says which files count and why.
 */
export async function requirementsByLooking(repositories: readonly Repository[]): Promise<string[]> {
  const found = await Promise.all(repositories.map(({ path: root }) => requirementsOf(root)));
  return found.filter((file) => file !== undefined);
}

async function requirementsOf(root: string): Promise<string | undefined> {
  const { files, folders } = await readFolder(root);
  if (!folders.has('dags')) return undefined;
  const names: string[] = [...files].filter((name) => name === 'requirements.txt');
  if (folders.has('requirements')) {
    const parts = await readFolder(path.join(root, 'requirements'));
    names.push(...[...parts.files].map((name) => `requirements/${name}`));
  }
  const own = ['requirements.txt', 'requirements/requirements.txt'].find((name) => names.includes(name));
  const image =
    own === undefined && files.has('Dockerfile') ? await readText(path.join(root, 'Dockerfile')) : '';
  const name = own ?? names.find((each) => each.endsWith('.txt') && copies(image ?? '', each));
  return name === undefined ? undefined : path.join(root, name);
}

/** Whether an image is made with this file: it is what production installs. */
function copies(dockerfile: string, name: string): boolean {
  return dockerfile
    .split('\n')
    .some((line) => /^\s*(?:COPY|ADD)\s/i.test(line) && line.split(/\s+/).includes(name));
}
