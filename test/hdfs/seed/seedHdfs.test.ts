import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { seedHdfs } from '../../../src/hdfs/seed/seedHdfs.ts';
import { isNeverSeeded } from '../../../src/hdfs/seed/seedMemory.ts';
import type { HdfsFiles } from '../../../src/hdfs/client/hdfsFiles.ts';
import type { WebHdfsFiles } from '../../../src/hdfs/client/webHdfsFiles.ts';
import { context, makeProject, openFiles, type TestProject } from '../support/hdfsProject.ts';

async function seeded(): Promise<{ readonly project: TestProject; readonly files: WebHdfsFiles }> {
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

test('a link to a folder that it lies in is named instead of walked for ever', async () => {
  const { project } = await seeded();
  await symlink('..', path.join(project.root, 'data/deep/loop'));
  await symlink('deep', path.join(project.root, 'data/again'));
  const error = await seedHdfs(context(), project).catch((each: unknown) => each);
  expect(error).toMatchObject({ code: 'hdfs_seed_unreadable' });
  expect(String(error)).toMatch(/(?:deep|again)\/loop, .* leads back to .*\/data\./);
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

test('files in the home of the tasks are theirs, and others are put there by the superuser', async () => {
  const { project, files } = await seeded();
  const [first] = project.hdfs.seed;
  const seed = [
    { target: '/user/etl/in', source: first!.source },
    { target: '/reference', source: first!.source },
  ];
  await files.makeFolder('/user/etl');
  await files.web.ask('PUT', 'SETOWNER', '/user/etl', { owner: 'etl', group: 'etl' });
  const other = { ...project, hdfs: { ...project.hdfs, user: 'etl', seed } };
  expect(await seedHdfs(context(), other)).toEqual({ put: 4, untouched: 0 });
  expect(await files.status('/user/etl/in/deep/b.csv')).toMatchObject({ owner: 'etl' });
  expect(await files.status('/reference/a.csv')).toMatchObject({ owner: files.web.user });
});

test('two that seed at the same time put each file once, and one that was interrupted is not over', async () => {
  const { project, files } = await seeded();
  const interrupted = seedHdfs({ ...context(), signal: AbortSignal.abort(new Error('Ctrl+C')) }, project);
  await expect(interrupted).rejects.toThrow('Ctrl+C');
  expect(await isNeverSeeded(project.stateDirectory)).toBe(true);
  const reports = await Promise.all([seedHdfs(context(), project), seedHdfs(context(), project)]);
  expect(reports.reduce((sum, { put }) => sum + put, 0)).toBe(3);
  expect(await text(files, '/data/single')).toBe('three');
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
