import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a real folder with these files, removed when the test ends; a name that ends in "/" is a folder, `-> target` a link. */
export async function makeTree(files: Readonly<Record<string, string>> | readonly string[]): Promise<string> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-config-')));
  onTestFinished(async () => rm(root, { recursive: true }));
  const entries = Array.isArray(files) ? files.map((name: string) => [name, '']) : Object.entries(files);
  for (const [name = '', text = ''] of entries) {
    const target = path.join(root, name);
    await mkdir(name.endsWith('/') ? target : path.dirname(target), { recursive: true });
    if (name.endsWith('/')) continue;
    if (text.startsWith('-> ')) await symlink(text.slice(3), target);
    else await writeFile(target, text);
  }
  return root;
}

export const DAG_FILE = 'from airflow.sdk import dag\n';
