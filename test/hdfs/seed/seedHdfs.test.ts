import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isNeverSeeded, seedHdfs } from '../../../src/hdfs/seed/seedHdfs.ts';
import type { HdfsFiles } from '../../../src/hdfs/client/hdfsFiles.ts';
import { context, makeProject, openFiles, type TestProject } from '../support/hdfsProject.ts';

async function seeded(): Promise<{ readonly project: TestProject; readonly files: HdfsFiles }> {
  const project = await makeProject();
  await mkdir(path.join(project.root, 'data/deep'), { recursive: true });
  await writeFile(path.join(project.root, 'data/a.csv'), 'one');
  await writeFile(path.join(project.root, 'data/deep/b.csv'), 'two');
  await writeFile(path.join(project.root, 'single.txt'), 'three');
  const seed = [
    { target: '/data/in', source: path.join(project.root, 'data') },
    { target: '/data/single', source: path.join(project.root, 'single.txt') },
  ];
  const withSeed = { ...project, hdfs: { ...project.hdfs, seed } };
  return { project: withSeed, files: await openFiles(withSeed) };
}

test('folders and files are put where devenv.yaml says', async () => {
  const { project, files } = await seeded();
  expect(await isNeverSeeded(project.stateDirectory)).toBe(true);
  expect(await seedHdfs(context(), project)).toEqual({ put: 3, untouched: 0 });
  expect(await text(files, '/data/in/deep/b.csv')).toBe('two');
  expect(await text(files, '/data/single')).toBe('three');
  expect(await isNeverSeeded(project.stateDirectory)).toBe(false);
  expect((await files.list('/data/in')).map((each) => each.name)).toEqual(['a.csv', 'deep']);
});

test('what a job has changed stays, what is gone comes back, what changed here is put again', async () => {
  const { project, files } = await seeded();
  await seedHdfs(context(), project);
  await files.create('/data/in/a.csv', 'by a job', { overwrite: true });
  await files.delete('/data/single');
  expect(await seedHdfs(context(), project)).toEqual({ put: 1, untouched: 2 });
  expect(await text(files, '/data/in/a.csv')).toBe('by a job');
  expect(await text(files, '/data/single')).toBe('three');
  const local = path.join(project.root, 'data/a.csv');
  await writeFile(local, 'new');
  await utimes(local, 1_700_000_000, 1_700_000_000);
  expect(await seedHdfs(context(), project)).toEqual({ put: 1, untouched: 2 });
  expect(await text(files, '/data/in/a.csv')).toBe('new');
});

test('a source that is gone is named', async () => {
  const { project } = await seeded();
  const seed = [{ target: '/x', source: path.join(project.root, 'missing') }];
  const failing = seedHdfs(context(), { ...project, hdfs: { ...project.hdfs, seed } });
  await expect(failing).rejects.toMatchObject({ code: 'hdfs_seed_unreadable' });
});

async function text(files: HdfsFiles, file: string): Promise<string> {
  return new Response(await files.open(file)).text();
}
