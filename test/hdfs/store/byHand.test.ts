import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { setOwner, setPermission } from '../../../src/hdfs/store/attributes.ts';
import { contentSummary } from '../../../src/hdfs/store/contentSummary.ts';
import { fileStatus, listDirectory } from '../../../src/hdfs/store/list.ts';
import { makeDirectories } from '../../../src/hdfs/store/makeDirectories.ts';
import { remove } from '../../../src/hdfs/store/remove.ts';
import { rename } from '../../../src/hdfs/store/rename.ts';
import { get, put, type TemporaryStore, temporaryStore } from '../support/temporaryStore.ts';

test('a file and a folder put there by hand show up, and can be worked with', async () => {
  const it = temporaryStore();
  await put(it, '/d/known', 'known');
  expect(names(it, '/d')).toEqual(['known']);
  write(it, 'd/new', 'new');
  mkdirSync(path.join(it.folder, 'd/folder/deep'), { recursive: true });
  write(it, 'd/folder/deep/file', 'deep');
  expect(names(it, '/d')).toEqual(['folder', 'known', 'new']);
  expect(get(it, '/d/folder/deep/file')).toBe('deep');
  expect(contentSummary(it.store, it.root, '/d', 'summary')).toMatchObject({
    files: 3,
    directories: 3,
    length: 12,
  });
  expect(fileStatus(it.store, it.root, '/d/new')).toMatchObject({
    owner: 'hdfs',
    group: 'supergroup',
    mode: 0o644,
  });
  setOwner(it.store, it.root, '/d/folder/deep/file', 'alice', '');
  rename(it.store, it.root, '/d/folder', '/moved');
  it.reopen();
  expect(fileStatus(it.store, it.root, '/moved/deep/file')).toMatchObject({ owner: 'alice', length: 4 });
  expect(names(it, '/d')).toEqual(['known', 'new']);
});

test('a file that is being copied there grows, also when nobody asks for it alone', () => {
  const it = temporaryStore();
  write(it, 'copied', 'one');
  expect(lengths(it)).toEqual([3]);
  appendFileSync(path.join(it.folder, 'copied'), ' and two');
  expect(lengths(it)).toEqual([11]);
});

test('what was changed in place by hand is seen when it is asked for, and after a restart in listings', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'as written');
  expect(lengths(it)).toEqual([10]);
  write(it, 'f', 'changed by an editor');
  expect(get(it, '/f')).toBe('changed by an editor');
  write(it, 'f', 'again');
  it.reopen();
  expect(lengths(it)).toEqual([5]);
});

test('what was removed by hand is gone, with all below it, and its name is free', async () => {
  const it = temporaryStore();
  await put(it, '/d/e/f', 'x', { mode: 0o600 });
  setPermission(it.store, it.root, '/d', 0o700);
  rmSync(path.join(it.folder, 'd'), { recursive: true });
  expect(() => fileStatus(it.store, it.root, '/d/e/f')).toThrow('File does not exist: /d/e/f');
  expect(names(it, '/')).toEqual([]);
  makeDirectories(it.store, it.root, '/d', { mode: 0o755 });
  expect(names(it, '/d')).toEqual([]);
  it.reopen();
  expect(fileStatus(it.store, it.root, '/d')).toMatchObject({ mode: 0o755 });
  expect(names(it, '/d')).toEqual([]);
});

test('a file where a folder was, and a folder where a file was', async () => {
  const it = temporaryStore();
  await put(it, '/d/f', 'x');
  await put(it, '/g', 'x');
  rmSync(path.join(it.folder, 'd'), { recursive: true });
  write(it, 'd', 'now a file');
  rmSync(path.join(it.folder, 'g'));
  mkdirSync(path.join(it.folder, 'g'));
  expect(fileStatus(it.store, it.root, '/d')).toMatchObject({ kind: 'file', length: 10 });
  expect(fileStatus(it.store, it.root, '/g')).toMatchObject({ kind: 'directory' });
});

test('a folder renamed by hand is there under its new name', async () => {
  const it = temporaryStore();
  await put(it, '/old/f', 'x');
  renameSync(path.join(it.folder, 'old'), path.join(it.folder, 'new'));
  expect(names(it, '/')).toEqual(['new']);
  expect(get(it, '/new/f')).toBe('x');
  expect(() => remove(it.store, it.root, '/old', true)).not.toThrow();
});

test('links, and our own folder, are not there', () => {
  const it = temporaryStore();
  symlinkSync('/etc', path.join(it.folder, 'link'));
  expect(names(it, '/')).toEqual([]);
  expect(() => fileStatus(it.store, it.root, '/link')).toThrow('File does not exist');
  expect(() => fileStatus(it.store, it.root, '/.namenode')).toThrow('File does not exist');
  makeDirectories(it.store, it.root, '/link/inside', { mode: 0o755 });
  makeDirectories(it.store, it.root, '/.namenode/inside', { mode: 0o755 });
  it.reopen();
  expect(names(it, '/')).toEqual(['.namenode', 'link']);
  expect(names(it, '/.namenode')).toEqual(['inside']);
});

test('the names of a folder are compared again only when it has changed', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'x');
  const past = new Date(Date.now() - 60_000);
  utimesSync(it.folder, past, past);
  expect(names(it, '/')).toEqual(['f']);
  const { comparedAt } = it.store.root;
  expect(comparedAt).toBeGreaterThan(0n);
  names(it, '/');
  expect(it.store.root.comparedAt).toBe(comparedAt);
  write(it, 'g', 'y');
  expect(names(it, '/')).toEqual(['f', 'g']);
});

function write(it: TemporaryStore, name: string, text: string): void {
  writeFileSync(path.join(it.folder, name), text);
}

function names(it: TemporaryStore, directory: string): readonly string[] {
  return listDirectory(it.store, it.root, directory).entries.map((entry) => entry.name);
}

function lengths(it: TemporaryStore): readonly number[] {
  return listDirectory(it.store, it.root, '/').entries.map((entry) =>
    entry.kind === 'file' ? entry.length : -1,
  );
}
