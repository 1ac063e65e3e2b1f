import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderPresence, removeRemains } from '../../src/stack/folderPresence.ts';

test.each([
  ['removed', (folder: string) => rm(folder, { recursive: true })],
  ['moved away', (folder: string) => rename(folder, `${folder}.moved`)],
  [
    'replaced',
    async (folder: string) => {
      await mkdir(`${folder}.other`);
      await rm(folder, { recursive: true });
      await rename(`${folder}.other`, folder);
    },
  ],
])('a folder that is %s is gone', async (_, change) => {
  const { state } = await project();
  const presence = folderPresence(state);
  expect(presence.isGone()).toBe(false);
  const gone = new Promise<void>((resolve) => onTestFinished(presence.watch(resolve)));
  await change(state);
  expect(presence.isGone()).toBe(true);
  await gone;
});

test('what was made again of a project that is gone is removed, with its folder', async () => {
  const { root, state } = await project();
  await mkdir(path.join(state, 'airflow/logs/scheduler'), { recursive: true });
  await removeRemains(root, state);
  await expect(stat(root)).rejects.toThrow('ENOENT');
});

test.each(['keys.json', 'postgres', 'hdfs', 'airflow_3_3.db'])('a .devenv with %s is kept', async (name) => {
  const { root, state } = await project();
  await writeFile(path.join(state, name), '');
  await removeRemains(root, state);
  expect(await stat(path.join(state, name))).toBeDefined();
});

test('a new project in the same place keeps its files', async () => {
  const { root, state } = await project();
  await writeFile(path.join(root, 'devenv.yaml'), '');
  await removeRemains(root, state);
  expect(await stat(path.join(root, 'devenv.yaml'))).toBeDefined();
});

async function project(): Promise<{ root: string; state: string }> {
  const root = await mkdtemp(path.join(tmpdir(), 'presence-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const state = path.join(root, '.devenv');
  await mkdir(state);
  return { root, state };
}
