import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogStore } from '../../src/stack/logStore.ts';

async function setUp(folderName = 'logs') {
  const parent = await mkdtemp(path.join(tmpdir(), 'devenv-logs-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const problems: Error[] = [];
  await writeFile(path.join(parent, 'file'), '');
  const folder = path.join(parent, folderName);
  const store = new LogStore({
    directory: folder,
    onLine: () => {},
    hide: (text) => text.replaceAll('hunter2', '***'),
    onProblem: (error) => problems.push(error),
    now: Date.now,
  });
  return { store, folder, problems };
}

test('lines are in the file of their service, which only its owner may read', async () => {
  const { store, folder } = await setUp();
  store.add('scheduler', 'one');
  store.add('triggerer', 'two');
  store.add('scheduler', 'three');
  await store.close();
  expect(await readFile(path.join(folder, 'scheduler.log'), 'utf8')).toBe('one\nthree\n');
  expect((await stat(path.join(folder, 'scheduler.log'))).mode & 0o777).toBe(0o600);
});

test('secrets are neither in the file nor in memory', async () => {
  const { store, folder } = await setUp();
  store.add('scheduler', 'the password is hunter2');
  await store.close();
  expect(await readFile(path.join(folder, 'scheduler.log'), 'utf8')).toBe('the password is ***\n');
  expect(store.last(1)[0]?.text).toBe('the password is ***');
});

test('the last lines are in memory, of all services or of some', async () => {
  const { store } = await setUp();
  for (let index = 0; index < 6_000; index += 1) store.add(index % 2 === 0 ? 'a' : 'b', String(index));
  expect(store.last(2).map((line) => line.text)).toEqual(['5998', '5999']);
  expect(store.last(2, ['a']).map((line) => line.text)).toEqual(['5996', '5998']);
  expect(store.last(0)).toEqual([]);
  expect(store.last(99_999)[0]?.sequence).toBe(1_001);
  await store.close();
});

test('a long file is moved aside', async () => {
  const { store, folder } = await setUp();
  store.add('a', 'first');
  await store.close();
  await writeFile(path.join(folder, 'a.log'), 'x'.repeat(11 * 1024 * 1024));
  store.add('a', 'second');
  await store.close();
  store.add('a', 'third');
  await store.close();
  expect((await stat(path.join(folder, 'a.log.1'))).size).toBeGreaterThan(10 * 1024 * 1024);
  expect(await readFile(path.join(folder, 'a.log'), 'utf8')).toBe('third\n');
});

test('a log that can not be written is told once, and its lines stay in memory', async () => {
  const { store, problems } = await setUp('file/logs');
  store.add('a', 'one');
  await store.close();
  store.add('a', 'two');
  await store.close();
  expect(problems).toHaveLength(1);
  expect(store.last(5).map((line) => line.text)).toEqual(['one', 'two']);
});
