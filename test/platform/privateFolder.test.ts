import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeFileAtomic } from '../../src/platform/atomicFile.ts';
import { withFileLock } from '../../src/platform/fileLock.ts';
import { makePrivateFolder } from '../../src/platform/privateFolder.ts';

test('a folder is made for this user alone, with those above it', async () => {
  const root = await emptyFolder();
  await makePrivateFolder(path.join(root, 'a/b'));
  expect((await stat(path.join(root, 'a/b'))).mode & 0o777).toBe(0o700);
  await expect(stat(path.join(root, 'a/.gitignore'))).rejects.toThrow('ENOENT');
});

test.each([
  ['a folder', (state: string) => makePrivateFolder(path.join(state, 'hdfs/data'))],
  ['itself', (state: string) => makePrivateFolder(state)],
  ['a file', (state: string) => writeFileAtomic(path.join(state, 'artifacts/state.json'), '{}')],
  [
    'a lock',
    (state: string) =>
      withFileLock(path.join(state, 'x.lock'), { signal: AbortSignal.timeout(5000) }, async () => {}),
  ],
])('Git ignores .devenv when %s is the first thing in it', async (_, make) => {
  const state = path.join(await emptyFolder(), '.devenv');
  await make(state);
  expect(await readFile(path.join(state, '.gitignore'), 'utf8')).toBe('*\n');
});

test('Airflow ignores a .devenv in a folder of DAGs, also one that was made before', async () => {
  const state = path.join(await emptyFolder(), '.devenv');
  await mkdir(state);
  await makePrivateFolder(path.join(state, 'airflow/logs'));
  expect(await readFile(path.join(state, '.airflowignore'), 'utf8')).toBe('/*\n');
});

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'private-folder-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
