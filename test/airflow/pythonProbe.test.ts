import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { findInterpreters } from '../../src/airflow/pythonProbe.ts';
import { testContext, type TestContext } from './testContext.ts';

let bin: string;
let context: TestContext;

beforeEach(async () => {
  bin = await mkdtemp(path.join(tmpdir(), 'bin-'));
  context = await testContext({ PATH: `relative:/no/such/folder:${bin}:/bin` });
  await rm(path.join(bin, 'calls'), { force: true });
});

/** Stands for an interpreter: says its version, and counts how often it was asked. */
async function fakePython(name: string, version: string, exitCode = 0): Promise<string> {
  const file = path.join(bin, name);
  const answer = JSON.stringify([file, version]);
  await writeFile(file, `#!/bin/sh\necho ${name} >> ${bin}/calls\necho '${answer}'\nexit ${exitCode}\n`);
  await chmod(file, 0o755);
  return file;
}

const calls = async () => (await readFile(path.join(bin, 'calls'), 'utf8')).trim().split('\n').toSorted();

test('finds the interpreters that run and starts each of them once', async () => {
  const python = await fakePython('python3.12', '3.12.4');
  await fakePython('python3.11', '', 127);
  await fakePython('python3', '3.9.1');
  const minors = ['3.12', '3.11'];
  const first = await findInterpreters(context, minors);
  expect(first.filter(({ executable }) => executable.startsWith(bin))).toEqual([
    expect.objectContaining({ executable: python, version: '3.12.4' }),
  ]);
  await findInterpreters(context, minors);
  expect(await calls()).toEqual(['python3', 'python3.11', 'python3.12']);
});

test('starts one again when its file changed, or when asked to try the broken ones', async () => {
  const python = await fakePython('python3.12', '3.12.4');
  await fakePython('python3.11', '', 127);
  await findInterpreters(context, ['3.12', '3.11']);
  await utimes(python, 1, 1);
  await findInterpreters(context, ['3.12', '3.11']);
  await findInterpreters(context, ['3.12', '3.11'], { again: true });
  expect(await calls()).toEqual(['python3.11', 'python3.11', 'python3.12', 'python3.12']);
});
