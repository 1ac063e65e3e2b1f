import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFiles } from '../../src/dagruns/fileWatch.ts';

async function setUp() {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-watch-'));
  const file = path.join(directory, 'dag.py');
  await writeFile(file, 'first');
  // Long before anything is watched.
  await utimes(file, 1_000, 1_000);
  const watched = await watchFiles();
  onTestFinished(async () => {
    await watched.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { directory, file, watched };
}

test('a save at the moment when watching is said to have begun is seen', async () => {
  const { file, watched } = await setUp();
  watched.add([file]);
  await watched.settled(Date.now());
  await writeFile(file, 'second');
  expect(await watched.nextSave()).toBe(file);
});

test('a save while a run went on is seen, although nobody watched the file then', async () => {
  const { file, watched } = await setUp();
  const begun = Date.now() - 1_000;
  await writeFile(file, 'second');
  watched.add([file]);
  await watched.settled(begun);
  expect(await watched.nextSave()).toBe(file);
});

test('a file that comes in the place of another is a save, as often as it does', async () => {
  const { directory, file, watched } = await setUp();
  watched.add([file]);
  for (const text of ['second', 'third']) {
    await watched.settled(Date.now() + 60_000);
    await writeFile(path.join(directory, 'aside'), text);
    await rename(path.join(directory, 'aside'), file);
    expect(await watched.nextSave()).toBe(file);
  }
});

test('a file that is not there keeps nobody waiting', async () => {
  const { directory, watched } = await setUp();
  watched.add([path.join(directory, 'missing.py')]);
  await watched.settled(Date.now());
});
