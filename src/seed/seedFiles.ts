import path from 'node:path';
import { readFolder } from '../config/folders.ts';
import type { Project, SeedFile } from '../config/project.ts';

/** What `devenv.yaml` names, else what lies where people put it. */
export async function seedFiles(project: Pick<Project, 'seed' | 'root'>): Promise<readonly SeedFile[]> {
  if (project.seed !== undefined) return project.seed;
  const [root, folder] = await Promise.all([
    readFolder(project.root),
    readFolder(path.join(project.root, 'seed')),
  ]);
  const found = [
    ...['airflow_settings.yaml', 'airflow_settings.yml'].filter((name) => root.files.has(name)),
    ...[...folder.files]
      .filter((name) => SEED_NAME.test(name))
      .toSorted(inOrder)
      .map((name) => `seed/${name}`),
  ];
  return found.map((name) => ({ path: path.join(project.root, name), namedAt: undefined }));
}

const SEED_NAME =
  /^(?:(?:variables|connections|pools|seed)\.(?:ya?ml|json|env)|secrets\.age\.(?:ya?ml|json))$/;

/**
 * Files of the folder seed/ that look like seeds and are not taken for their names, relative to the project.
 *
 * @param texts of the files that are taken: what one of them names is there for it.
 */
export async function passedOver(
  project: Pick<Project, 'seed' | 'root'>,
  texts: readonly string[],
): Promise<readonly string[]> {
  if (project.seed !== undefined) return [];
  const { files } = await readFolder(path.join(project.root, 'seed'));
  return [...files]
    .filter((name) => /\.(?:ya?ml|json|env)$/.test(name) && !SEED_NAME.test(name))
    .filter((name) => !texts.some((text) => text.includes(name)))
    .toSorted()
    .map((name) => `seed/${name}`);
}

/** Secrets last: they complete the others. */
function inOrder(left: string, right: string): number {
  const rank = (name: string): number => (name.startsWith('secrets') ? 1 : 0);
  return rank(left) - rank(right) || (left < right ? -1 : 1);
}
