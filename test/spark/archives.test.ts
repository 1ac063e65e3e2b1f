import { spawnSync } from 'node:child_process';
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Placement } from '../../src/spark/planFiles.ts';
import { placeFiles } from '../../src/spark/placeFiles.ts';
import { temporaryFolder, testContext, writeTree } from './support.ts';

async function place(folder: string, placements: readonly Placement[]): Promise<string[]> {
  const warnings: string[] = [];
  await placeFiles(testContext(folder), placements, {
    hdfs: () => Promise.reject(new Error('no HDFS here')),
    cacheDirectory: path.join(folder, 'cache'),
    downloadDirectory: path.join(folder, 'fetched'),
    python: 'python3',
    warn: (text) => warnings.push(text),
  });
  return warnings;
}

async function archive(folder: string, name: string): Promise<string> {
  await writeTree(folder, { 'tree/bin/run': '#!/bin/sh\n', 'tree/data/a b.txt': 'a' });
  const file = path.join(folder, name);
  const words = name.endsWith('.zip')
    ? [
        'python3',
        '-c',
        `import shutil; shutil.make_archive(${JSON.stringify(file.slice(0, -4))}, "zip", "tree")`,
      ]
    : ['tar', 'czf', file, '-C', 'tree', '.'];
  expect(spawnSync(words[0]!, words.slice(1), { cwd: folder }).status).toBe(0);
  return file;
}

test.each(['env.tar.gz', 'env.conda.tgz', 'env.zip'])('%s is unpacked with its modes, once', async (name) => {
  const folder = await temporaryFolder();
  const source = await archive(folder, name);
  const [first, second] = [path.join(folder, 'one/venv'), path.join(folder, 'two/venv')];
  await place(folder, [{ source, target: first, kind: 'archive' }]);
  await place(folder, [{ source, target: second, kind: 'archive' }]);
  expect(await readFile(path.join(first, 'data/a b.txt'), 'utf8')).toBe('a');
  expect(statSync(path.join(first, 'bin/run')).mode & 0o111).not.toBe(0);
  expect(readlinkSync(first)).toBe(readlinkSync(second));
  await writeTree(folder, { 'tree/new.txt': 'new' });
  await archive(folder, name);
  const third = path.join(folder, 'three/venv');
  await place(folder, [{ source, target: third, kind: 'archive' }]);
  expect(existsSync(path.join(third, 'new.txt'))).toBe(true);
});

test('what YARN would not unpack stays a file', async () => {
  const folder = await temporaryFolder();
  await writeTree(folder, { 'env.bin': 'x' });
  const target = path.join(folder, 'c/env');
  await place(folder, [{ source: path.join(folder, 'env.bin'), target, kind: 'archive' }]);
  expect(await readFile(target, 'utf8')).toBe('x');
});

test('a damaged archive and a missing file are named', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'env.tgz'), 'rubbish');
  const broken = place(folder, [
    { source: path.join(folder, 'env.tgz'), target: path.join(folder, 'c/env'), kind: 'archive' },
  ]);
  await expect(broken).rejects.toMatchObject({ code: 'spark_archive_damaged' });
  for (const kind of ['file', 'archive'] as const) {
    const missing = place(folder, [{ source: '/none/a.tgz', target: path.join(folder, kind), kind }]);
    await expect(missing).rejects.toMatchObject({ code: 'spark_file_not_found' });
  }
});

test('an environment whose Python is not on this machine is told of', async () => {
  const folder = await temporaryFolder();
  await writeTree(folder, { 'tree/bin/other': '' });
  await symlink('/nowhere/python3.7', path.join(folder, 'tree/bin/python'));
  const source = await archive(folder, 'env.tgz');
  const warnings = await place(folder, [{ source, target: path.join(folder, 'c/venv'), kind: 'archive' }]);
  expect(warnings).toEqual([expect.stringContaining('/nowhere/python3.7')]);
});
