import { mkdtemp, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeFileAtomic } from '../../src/platform/atomicFile.ts';

test('a file is replaced as a whole, private, in folders that are made for it', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'atomic-'));
  const file = path.join(directory, 'a', 'state.json');
  await writeFileAtomic(file, 'one');
  await writeFileAtomic(file, 'two');
  expect(await readFile(file, 'utf8')).toBe('two');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  expect(await readdir(path.dirname(file))).toEqual(['state.json']);
});

test('the given mode wins over the umask', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'atomic-')), 'program');
  const before = process.umask(0o077);
  await writeFileAtomic(file, '', 0o755).finally(() => process.umask(before));
  expect((await stat(file)).mode & 0o777).toBe(0o755);
});

test('a parent that is a file is named in the error', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'atomic-'));
  await writeFile(path.join(directory, 'plain'), '');
  const writing = writeFileAtomic(path.join(directory, 'plain', 'sub', 'x'), '');
  await expect(writing).rejects.toMatchObject({
    code: 'not_writable',
    why: expect.stringContaining('is a file'),
  });
});
