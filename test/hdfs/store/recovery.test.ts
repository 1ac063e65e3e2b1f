import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { changeAcl } from '../../../src/hdfs/store/acl.ts';
import { setOwner, setTimes } from '../../../src/hdfs/store/attributes.ts';
import { concat } from '../../../src/hdfs/store/concat.ts';
import { allRecords } from '../../../src/hdfs/store/image.ts';
import { fileStatus, listDirectory } from '../../../src/hdfs/store/list.ts';
import { makeDirectories } from '../../../src/hdfs/store/makeDirectories.ts';
import { remove } from '../../../src/hdfs/store/remove.ts';
import { rename, renameExactly } from '../../../src/hdfs/store/rename.ts';
import { setQuota } from '../../../src/hdfs/store/setQuota.ts';
import {
  allowSnapshots,
  createSnapshot,
  deleteSnapshot,
  renameSnapshot,
} from '../../../src/hdfs/store/snapshots.ts';
import { setStoragePolicy } from '../../../src/hdfs/store/storagePolicies.ts';
import { truncate } from '../../../src/hdfs/store/truncate.ts';
import { appendFile, createFile } from '../../../src/hdfs/store/writeFile.ts';
import { getXattrs, setXattr } from '../../../src/hdfs/store/xattrs.ts';
import { get, put, type TemporaryStore, temporaryStore } from '../support/temporaryStore.ts';

const BOTH = { create: true, replace: true };

test('everything about a file survives a restart, and the rewriting of the journal', async () => {
  const it = temporaryStore();
  await put(it, '/d/f', 'contents', { mode: 0o640, blockSize: 4096 });
  setOwner(it.store, it.root, '/d/f', 'alice', 'staff');
  setTimes(it.store, it.root, '/d/f', 1_234_567_890_123, 1_234_567_890_456);
  setXattr(it.store, it.root, '/d/f', 'user.origin', Buffer.from([0, 255]), BOTH);
  changeAcl(it.store, it.root, '/d/f', {
    kind: 'modify',
    entries: [{ scope: 'access', type: 'user', name: 'carla', permission: 6 }],
  });
  setQuota(it.store, it.root, '/d', { names: 10, bytes: 1_000_000 });
  setStoragePolicy(it.store, it.root, '/d', 'COLD');
  const before = describe(it, '/d/f');
  for (const rewrite of [false, true, false]) {
    if (rewrite) it.store.journal.compact(allRecords(it.store.root));
    it.reopen();
    expect(describe(it, '/d/f')).toEqual(before);
    expect(fileStatus(it.store, it.root, '/d')).toMatchObject({
      namespaceQuota: 10,
      spaceQuota: 1_000_000,
      storagePolicy: 2,
    });
    expect(getXattrs(it.store, it.root, '/d/f', [])).toEqual([['user.origin', Buffer.from([0, 255])]]);
  }
});

test('a last line that was cut off is dropped', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'x');
  appendFileSync(it.store.host.journal, '{"op":"delete","path":"/f","ti');
  it.reopen();
  expect(get(it, '/f')).toBe('x');
  makeDirectories(it.store, it.root, '/d', { mode: 0o755 });
  it.reopen();
  expect(fileStatus(it.store, it.root, '/d')).toMatchObject({ kind: 'directory' });
});

test('nonsense in the journal, as a power cut may leave, costs only what it told', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'x', { mode: 0o600 });
  appendFileSync(it.store.host.journal, '\0\0\0\0\n');
  it.reopen();
  expect(fileStatus(it.store, it.root, '/f')).toMatchObject({ mode: 0o600 });
});

test('a change that had reached the journal and not the folder is made at the start', async () => {
  const it = temporaryStore();
  await put(it, '/a/f', 'x', { mode: 0o600 });
  const record = { op: 'rename', path: '/a', to: '/b', time: Date.now() };
  appendFileSync(it.store.host.journal, `${JSON.stringify(record)}\n`);
  it.reopen();
  expect(get(it, '/b/f')).toBe('x');
  expect(fileStatus(it.store, it.root, '/b/f')).toMatchObject({ mode: 0o600 });
  expect(existsSync(path.join(it.folder, 'a'))).toBe(false);
});

test('the same, when the folder had it already', async () => {
  const it = temporaryStore();
  await put(it, '/a/f', 'x');
  const record = { op: 'rename', path: '/a', to: '/b', time: Date.now() };
  appendFileSync(it.store.host.journal, `${JSON.stringify(record)}\n`);
  renameSync(path.join(it.folder, 'a'), path.join(it.folder, 'b'));
  it.reopen();
  expect(get(it, '/b/f')).toBe('x');
});

test('what somebody puts in the place of what the last change took away is theirs', async () => {
  const it = temporaryStore({ now: () => Date.now() - 1000 });
  const byHand = (name: string): void => writeFileSync(path.join(it.folder, name), 'by hand');
  await put(it, '/gone', 'x');
  remove(it.store, it.root, '/gone', false);
  byHand('gone');
  it.reopen();
  expect(get(it, '/gone')).toBe('by hand');

  await put(it, '/from', 'moved');
  await put(it, '/to', 'replaced');
  renameExactly(it.store, it.root, '/from', '/to', true);
  byHand('from');
  it.reopen();
  expect([get(it, '/from'), get(it, '/to')]).toEqual(['by hand', 'moved']);

  await put(it, '/one', 'one', { blockSize: 1024 });
  await put(it, '/two', 'two', { blockSize: 1024 });
  await concat(it.store, it.root, '/one', ['/two']);
  byHand('two');
  it.reopen();
  expect([get(it, '/one'), get(it, '/two')]).toEqual(['onetwo', 'by hand']);
});

test('what was half put together before a kill goes at the start', () => {
  const it = temporaryStore();
  writeFileSync(path.join(it.store.host.aside, '16400'), 'half');
  it.reopen();
  expect(readdirSync(it.store.host.aside)).toEqual([]);
});

test('a journal that cannot be rewritten goes on as it is', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'x');
  // As if the disk were full.
  mkdirSync(`${it.store.host.journal}.new`);
  expect(() => it.store.journal.compact(allRecords(it.store.root))).toThrow();
  await put(it, '/g', 'y');
  it.reopen();
  expect([get(it, '/f'), get(it, '/g')]).toEqual(['x', 'y']);
  it.store.journal.compact(allRecords(it.store.root));
  await put(it, '/h', 'z');
  it.reopen();
  expect([get(it, '/f'), get(it, '/g'), get(it, '/h')]).toEqual(['x', 'y', 'z']);
});

test('a change that the folder refuses again at the start never was', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'x');
  const record = { op: 'mkdir', path: '/f/below', id: 99_999, owner: 'a', group: 'b', mode: 493, time: 5 };
  appendFileSync(it.store.host.journal, `${JSON.stringify(record)}\n`);
  it.reopen();
  expect(get(it, '/f')).toBe('x');
  expect(readFileSync(it.store.host.journal, 'utf8')).not.toContain('99999');
});

test('a change that the folder refuses leaves no trace', () => {
  const it = temporaryStore();
  makeDirectories(it.store, it.root, '/d', { mode: 0o755 });
  const before = readFileSync(it.store.host.journal, 'utf8');
  // What memory takes for a directory has become a file.
  rmSync(path.join(it.folder, 'd'), { recursive: true });
  writeFileSync(path.join(it.folder, 'd'), '');
  expect(() => makeDirectories(it.store, it.root, '/d/below', { mode: 0o755 })).toThrow();
  expect(readFileSync(it.store.host.journal, 'utf8')).toBe(before);
});

test('a file that was being written has what had arrived, and can be written again', async () => {
  const it = temporaryStore();
  const options = { overwrite: false, createParent: true, mode: 0o644 };
  const writer = createFile(it.store, it.root, '/f', options);
  await writer.write([Buffer.from('half')]);
  expect(() => createFile(it.store, it.root, '/f', options)).toThrow('lease is currently owned by');
  expect(() => appendFile(it.store, it.root, '/f')).toThrow('lease is currently owned by');
  it.reopen();
  expect(get(it, '/f')).toBe('half');
  const again = appendFile(it.store, it.root, '/f');
  await again.write([Buffer.from(' and whole')]);
  again.close();
  it.reopen();
  expect(get(it, '/f')).toBe('half and whole');
});

test('of a file that was about to be replaced nothing is left, and its successor keeps what it had got', async () => {
  const it = temporaryStore();
  await put(it, '/f', 'old');
  const record = { op: 'create', path: '/f', id: 70_000, owner: 'a', group: 'b', mode: 420, time: 5 };
  appendFileSync(
    it.store.host.journal,
    `${JSON.stringify({ ...record, replication: 1, blockSize: 1024 })}\n`,
  );
  it.reopen();
  expect(get(it, '/f')).toBe('');
  const writer = createFile(it.store, it.root, '/f', { overwrite: true, createParent: true, mode: 0o644 });
  await writer.write([Buffer.from('new')]);
  it.reopen();
  expect(get(it, '/f')).toBe('new');
});

test('a file that is removed or replaced while it is written is not brought back', async () => {
  const it = temporaryStore();
  const options = { overwrite: true, createParent: true, mode: 0o644 };
  const writer = createFile(it.store, it.root, '/f', options);
  await put(it, '/f', 'other', { overwrite: true });
  await writer.write([Buffer.from('too late')]);
  expect(() => writer.close()).toThrow('does not exist');
  expect(get(it, '/f')).toBe('other');
  const second = createFile(it.store, it.root, '/g', options);
  remove(it.store, it.root, '/g', false);
  expect(() => second.close()).toThrow('does not exist');
  expect(() => get(it, '/g')).toThrow('does not exist');
});

test('a file that is renamed while it is written is closed under its new name', async () => {
  const it = temporaryStore();
  const writer = createFile(it.store, it.root, '/a/f', { overwrite: true, createParent: true, mode: 0o644 });
  rename(it.store, it.root, '/a', '/b');
  await writer.write([Buffer.from('moved')]);
  writer.close();
  it.reopen();
  expect(get(it, '/b/f')).toBe('moved');
});

test('snapshots survive restarts, the rewriting of the journal, and what happens to the files', async () => {
  const it = temporaryStore();
  await put(it, '/d/in/f', 'as it was');
  await put(it, '/d/gone', 'gone');
  allowSnapshots(it.store, it.root, '/d');
  createSnapshot(it.store, it.root, '/d', 's1');
  const writer = appendFile(it.store, it.root, '/d/in/f');
  await writer.write([Buffer.from(' and more')]);
  writer.close();
  truncate(it.store, it.root, '/d/in/f', 2);
  remove(it.store, it.root, '/d/gone', false);
  await put(it, '/d/new', 'new');
  renameSnapshot(it.store, it.root, '/d', 's1', 's2');
  for (const rewrite of [false, true, false]) {
    if (rewrite) it.store.journal.compact(allRecords(it.store.root));
    it.reopen();
    expect(get(it, '/d/.snapshot/s2/in/f')).toBe('as it was');
    expect(get(it, '/d/.snapshot/s2/gone')).toBe('gone');
    expect(listDirectory(it.store, it.root, '/d/.snapshot/s2').entries.map((entry) => entry.name)).toEqual([
      'gone',
      'in',
    ]);
    expect(get(it, '/d/in/f')).toBe('as');
  }
  deleteSnapshot(it.store, it.root, '/d', 's2');
  remove(it.store, it.root, '/d', true);
  expect(readdirSync(it.store.host.snapshots)).toEqual([]);
});

test('joined files survive a restart with the blocks that they had', async () => {
  const it = temporaryStore();
  await put(it, '/one', 'one', { blockSize: 1024 });
  await put(it, '/two', 'two', { blockSize: 1024 });
  await concat(it.store, it.root, '/one', ['/two']);
  it.reopen();
  expect(get(it, '/one')).toBe('onetwo');
  expect(fileStatus(it.store, it.root, '/one')).toMatchObject({ blocks: [3, 3] });
  expect(() => get(it, '/two')).toThrow('does not exist');
});

test('what was deleted before a kill and is still there is removed at the start', () => {
  const it = temporaryStore();
  mkdirSync(path.join(it.store.host.deleted, 'left/over'), { recursive: true });
  it.reopen();
  return expect.poll(() => readdirSync(it.store.host.deleted)).toEqual([]);
});

function describe(it: TemporaryStore, file: string): unknown {
  const {
    parent: _,
    lease: __,
    ...rest
  } = fileStatus(it.store, it.root, file) as unknown as Record<string, unknown>;
  return rest;
}
