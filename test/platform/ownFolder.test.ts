import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isForeignFolder, makeOwnFolder } from '../../src/platform/ownFolder.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'devenv-own-'));
  folder = path.join(parent, 'folder');
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

test('a folder that is missing is made for this user only', async () => {
  expect(isForeignFolder(folder)).toBe(false);
  expect(makeOwnFolder(folder)).toBe(true);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('a folder that others can write to is not believed, and left as it is', async () => {
  await mkdir(folder);
  await chmod(folder, 0o777);
  expect(makeOwnFolder(folder)).toBe(false);
  expect(isForeignFolder(folder)).toBe(true);
  expect((await stat(folder)).mode & 0o777).toBe(0o777);
});

test('a link is not believed, wherever it leads', async () => {
  await mkdir(path.join(parent, 'elsewhere'));
  await symlink('elsewhere', folder);
  expect(makeOwnFolder(folder)).toBe(false);
  expect(isForeignFolder(folder)).toBe(true);
});

test("a folder that the user's group can write to is closed to it", async () => {
  await mkdir(folder);
  await chmod(folder, 0o775);
  expect(makeOwnFolder(folder)).toBe(true);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('where a folder cannot be made there is nothing to believe', async () => {
  expect(makeOwnFolder('/dev/null/folder')).toBe(false);
});
