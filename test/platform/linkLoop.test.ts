import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow, linkLoop } from '../../src/platform/linkLoop.ts';

async function folder(): Promise<string> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'link-loop-')));
  await mkdir(path.join(root, 'a/b'), { recursive: true });
  await writeFile(path.join(root, 'a/b/x.py'), '');
  return root;
}

test('a folder that leads back to one around it is told from one that does not', async () => {
  const root = await folder();
  await symlink('..', path.join(root, 'a/b/loop'));
  await symlink('b', path.join(root, 'a/other'));
  expect(await linkLoop(path.join(root, 'a/b'))).toBeUndefined();
  expect(await linkLoop(path.join(root, 'a/other'))).toBeUndefined();
  expect(await linkLoop(path.join(root, 'a/b/loop'))).toBe(path.join(root, 'a'));
  expect(await linkLoop(path.join(root, 'a/b/loop/b/loop'))).toBe(path.join(root, 'a/b/loop'));
});

test('the files below a folder are finite, whatever its links do', async () => {
  const root = await folder();
  for (const name of ['one', 'two', 'three', 'four']) await symlink('.', path.join(root, name));
  await symlink('self', path.join(root, 'self'));
  await symlink('nowhere', path.join(root, 'lost'));
  expect([...filesBelow(root)]).toEqual([path.join(root, 'a/b/x.py')]);
  expect([...filesBelow(path.join(root, 'missing'))]).toEqual([]);
});
