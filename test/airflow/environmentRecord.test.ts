import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { verifyEnvironment, writeManifest } from '../../src/airflow/environmentManifest.ts';
import { environmentStamp, environmentState, writeRecord } from '../../src/airflow/environmentRecord.ts';

let directory: string;
let sitePackages: string;

beforeEach(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), 'venv-')), 'env');
  sitePackages = path.join(directory, 'lib/python3.11/site-packages');
  await mkdir(path.join(sitePackages, 'airflow/__pycache__'), { recursive: true });
  await mkdir(path.join(directory, 'bin'));
  await symlink(process.execPath, path.join(directory, 'bin/python'));
  await writeFile(path.join(sitePackages, 'airflow/dag.py'), 'x = 1\n');
  await writeFile(path.join(sitePackages, 'airflow/task.py'), 'y = 1\n');
  await writeFile(path.join(sitePackages, 'airflow/__pycache__/dag.pyc'), '');
  const { watched, ...manifest } = await writeManifest(directory);
  const stamp = environmentStamp(directory, '3.11', watched)!;
  const fields = { airflowVersion: '3.3.2', pythonVersion: '3.11.7', python: 'bin/python' };
  const record = { version: 1, fingerprint: 'f', ...fields, manifest, watched, stamp } as const;
  await writeRecord(directory, { ...record, moved: [], leftOut: [] });
});

const state = (fingerprint = 'f') => environmentState({ directory, fingerprint, pythonMinor: '3.11' }).state;

test('a complete environment is ready, also after it was moved', async () => {
  expect(state()).toBe('ready');
  await rename(directory, `${directory}-2`);
  expect(state()).toBe('absent');
  directory = `${directory}-2`;
  expect(state()).toBe('ready');
});

test('one with another fingerprint or a broken record is as good as absent', async () => {
  expect(state('g')).toBe('absent');
  await writeFile(path.join(directory, 'environment.json'), '{"version": 1');
  expect(state()).toBe('absent');
});

test('what disappears at the top, or from a package’s folder, makes it suspect', async () => {
  await rm(path.join(sitePackages, 'airflow/task.py'));
  expect(state()).toBe('suspect');
});

test('a Python that is gone makes it suspect', async () => {
  await rm(path.join(directory, 'bin/python'));
  await symlink('/no/such/python', path.join(directory, 'bin/python'));
  expect(state()).toBe('suspect');
});

test('the deep check lists what is missing and what changed, not what was added or compiled', async () => {
  expect(await verifyEnvironment({ directory })).toEqual({ missing: [], changed: [] });
  await rm(path.join(sitePackages, 'airflow/task.py'));
  await rm(path.join(sitePackages, 'airflow/__pycache__/dag.pyc'));
  await writeFile(path.join(sitePackages, 'airflow/dag.py'), '');
  await writeFile(path.join(sitePackages, 'added.py'), '');
  expect(await verifyEnvironment({ directory })).toEqual({
    missing: ['lib/python3.11/site-packages/airflow/task.py'],
    changed: ['lib/python3.11/site-packages/airflow/dag.py'],
  });
});

test('without its list of files an environment counts as damaged', async () => {
  await rm(path.join(directory, 'manifest.txt'));
  expect((await verifyEnvironment({ directory })).missing).toEqual(['manifest.txt']);
});
