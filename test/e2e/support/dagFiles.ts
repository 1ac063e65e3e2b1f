import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/dags');

/** The DAG files of `test/fixtures/dags/NAME`, as files of a project's `dags/`. They suit both lines of Airflow. */
export async function dagFiles(name: string): Promise<Record<string, string>> {
  const folder = path.join(FOLDER, name);
  const files: Record<string, string> = {};
  for (const each of await readdir(folder, { recursive: true })) {
    if (each.endsWith('.py'))
      files[path.join('dags', each)] = await readFile(path.join(folder, each), 'utf8');
  }
  return files;
}

/** Files below a folder, hidden ones too, that contain a text. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if ((await readFile(file, 'latin1')).includes(text)) found.push(file);
  }
  return found;
}
