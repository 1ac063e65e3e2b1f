import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { removeAbandonedFiles } from '../../src/platform/abandonedFiles.ts';

test('what killed commands have left is removed when it is old, and nothing else is', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'abandoned-'));
  const old = new Date(Date.now() - 120_000);
  const abandoned = ['.keys.json.0a1b2c3d.tmp', 'lock.0a1b2c3d-0000-4000-8000-0123456789ab'];
  const kept = ['keys.json', '.gitignore', 'lock', '.notes.tmp', 'x.tmp'];
  for (const name of [...abandoned, ...kept]) {
    await writeFile(path.join(folder, name), '');
    await utimes(path.join(folder, name), old, old);
  }
  await writeFile(path.join(folder, '.new.json.0a1b2c3d.tmp'), '');
  await removeAbandonedFiles([folder, path.join(folder, 'missing')], Date.now());
  expect(await readdir(folder)).toEqual([...kept, '.new.json.0a1b2c3d.tmp'].toSorted());
  await rm(folder, { recursive: true });
});
