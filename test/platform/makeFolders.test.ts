import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolders, makeFoldersSync } from '../../src/platform/makeFolders.ts';
import { isForeignFolder, makeOwnFolder } from '../../src/platform/ownFolder.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'devenv-folders-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('makes what is missing, and says where that begins', async () => {
  const folder = path.join(directory, 'a/b/c');
  expect(await makeFolders(folder, 0o700)).toBe(path.join(directory, 'a'));
  expect(await makeFolders(folder, 0o700)).toBeUndefined();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  makeFoldersSync(path.join(folder, 'd/e'), 0o700);
  expect((await stat(path.join(folder, 'd/e'))).isDirectory()).toBe(true);
});

it('is done by several at once', async () => {
  for (let round = 0; round < 50; round += 1) {
    const folder = path.join(directory, String(round), 'a/b');
    await Promise.all(Array.from({ length: 8 }, () => makeFolders(folder, 0o700)));
    expect((await stat(folder)).isDirectory()).toBe(true);
  }
});

it('refuses a file in the place of a folder', async () => {
  const file = path.join(directory, 'file');
  await writeFile(file, '');
  await expect(makeFolders(file, 0o700)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(path.join(file, 'below'), 0o700)).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.runIf(process.platform === 'linux')(
  'comes back where the system denies that the parent is there',
  async () => {
    await expect(makeFolders('/proc/nonexistent/a/b', 0o700)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(makeOwnFolder('/proc/nonexistent/a')).toBe(false);
  },
);

it('takes no folder for another user’s where none can be', () => {
  expect(isForeignFolder('/dev/null/.cache')).toBe(false);
});
