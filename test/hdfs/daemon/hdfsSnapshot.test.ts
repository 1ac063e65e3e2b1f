import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hdfsSnapshotPart } from '../../../src/hdfs/daemon/hdfsSnapshot.ts';

async function setUp() {
  const state = await mkdtemp(path.join(tmpdir(), 'devenv-hdfs-snapshot-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const file = path.join(state, 'hdfs', 'data', 'user', 'numbers.txt');
  const context = { platform: process.platform, signal: AbortSignal.timeout(30_000) };
  const write = async (text: string): Promise<void> => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  return { part: hdfsSnapshotPart(context, state), file, write, folder: path.join(state, 'snapshot') };
}

test('files are as they were when they were saved, and what came later is gone', async () => {
  const { part, file, write, folder } = await setUp();
  await write('first');
  expect(await part.save(folder)).toBe(true);
  await write('second');
  await writeFile(path.join(path.dirname(file), 'later.txt'), '');
  await part.restore(folder);
  expect(await readFile(file, 'utf8')).toBe('first');
  await expect(readFile(path.join(path.dirname(file), 'later.txt'))).rejects.toThrow('ENOENT');
});

test('a project without HDFS has nothing to save', async () => {
  const { part, folder } = await setUp();
  expect(await part.save(folder)).toBe(false);
});

test('what a kill has left in the middle of a restore is no obstacle', async () => {
  const { part, file, write, folder } = await setUp();
  await write('first');
  await part.save(folder);
  await write('second');
  // Killed between the two renames.
  const data = path.dirname(path.dirname(file));
  await mkdir(`${data}.restored`);
  await rm(data, { recursive: true });
  await mkdir(`${data}.replaced`);
  await part.restore(folder);
  expect(await readFile(file, 'utf8')).toBe('first');
});
