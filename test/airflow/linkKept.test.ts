import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { writeManifest } from '../../src/airflow/environmentManifest.ts';
import type { EnvironmentPlan } from '../../src/airflow/environmentPlan.ts';
import { writeRecord } from '../../src/airflow/environmentRecord.ts';
import { linkKept } from '../../src/airflow/linkKept.ts';
import { testContext, type TestContext } from './testContext.ts';

const PLAN: EnvironmentPlan = {
  airflowVersion: '3.3.2',
  pythonMinor: '3.11',
  lock: { kind: 'shipped', file: '/lock' },
  requirements: [],
  wishes: [],
  fingerprint: 'f',
  directory: '/wanted',
};
const SITE_PACKAGES = 'lib/python3.11/site-packages';
let context: TestContext;
let kept: string;
let made: string;

beforeEach(async () => {
  context = await testContext();
  kept = path.join(context.cache, 'environments', 'airflow-3.3.2-python3.11-kept');
  made = path.join(context.cache, 'environments', '.building-made');
  await mkdir(path.join(kept, SITE_PACKAGES, 'some', '__pycache__'), { recursive: true });
  await mkdir(path.join(kept, 'bin'));
  await symlink('/usr/bin/python3', path.join(kept, 'bin', 'python'));
  await writeFile(path.join(kept, 'bin', 'some'), '#!/bin/sh');
  await writeFile(path.join(kept, 'pyvenv.cfg'), 'home = /old\n');
  await writeFile(path.join(kept, SITE_PACKAGES, 'some', '__init__.py'), '');
  await writeFile(path.join(kept, SITE_PACKAGES, 'some', '__pycache__', '__init__.cpython-311.pyc'), '');
  for (const name of ['some-1.0', 'Other_Name-2.0'])
    await mkdir(path.join(kept, SITE_PACKAGES, `${name}.dist-info`));
  const { watched, ...manifest } = await writeManifest(kept);
  await writeRecord(kept, {
    ...{ version: 1, fingerprint: 'kept', airflowVersion: '3.3.2', pythonVersion: '3.11.7' },
    ...{ python: 'bin/python', manifest, watched, stamp: 's', moved: [], leftOut: [] },
  });
  await mkdir(path.join(made, SITE_PACKAGES), { recursive: true });
  await mkdir(path.join(made, 'bin'));
  await symlink('/new/python3', path.join(made, 'bin', 'python'));
  await writeFile(path.join(made, 'pyvenv.cfg'), 'home = /new\n');
});

const inode = async (directory: string, file: string) => (await stat(path.join(directory, file))).ino;

test('packages and bytecode are links to those of the kept environment, programs are copies', async () => {
  expect(await linkKept(context, PLAN, ['some==1.0', 'other-name==2.0', 'new==1'], made)).toBe(true);
  for (const file of ['some/__init__.py', 'some/__pycache__/__init__.cpython-311.pyc']) {
    const name = `${SITE_PACKAGES}/${file}`;
    expect(await inode(made, name)).toBe(await inode(kept, name));
  }
  expect(await inode(made, 'bin/some')).not.toBe(await inode(kept, 'bin/some'));
  expect(await readFile(path.join(made, 'pyvenv.cfg'), 'utf8')).toBe('home = /new\n');
  expect((await readdir(made)).toSorted()).toEqual(['bin', 'lib', 'pyvenv.cfg']);
});

test.each([
  ['most of what is wanted is not in it', ['some==1.1', 'other-name==2.1', 'new==1']],
  ['most of what is in it is not wanted', ['some==1.0']],
])('nothing is linked where %s', async (_reason, lines) => {
  expect(await linkKept(context, PLAN, lines, made)).toBe(false);
  expect(await readdir(path.join(made, SITE_PACKAGES))).toEqual([]);
});

test('a damaged environment is not passed on', async () => {
  await rm(path.join(kept, SITE_PACKAGES, 'some', '__init__.py'));
  expect(await linkKept(context, PLAN, ['some==1.0', 'other-name==2.0'], made)).toBe(false);
});

test('one for another Python is not looked at', async () => {
  const plan = { ...PLAN, pythonMinor: '3.12' };
  await mkdir(path.join(made, 'lib', 'python3.12', 'site-packages'), { recursive: true });
  expect(await linkKept(context, plan, ['some==1.0', 'other-name==2.0'], made)).toBe(false);
});
