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

const SEED_NAME = /^(?:variables|connections|pools|seed|secrets\.age)\.(?:ya?ml|json)$/;

/** Secrets last: they complete the others. */
function inOrder(left: string, right: string): number {
  const rank = (name: string): number => (name.startsWith('secrets') ? 1 : 0);
  return rank(left) - rank(right) || (left < right ? -1 : 1);
}
