import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pythonChoices } from '../../src/airflow/pythonChoice.ts';
import { testContext, type TestContext } from './testContext.ts';

let home: string;
let context: TestContext;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'home-'));
  context = await testContext({ PATH: path.join(home, 'bin'), HOME: home });
});

/** Stands for an interpreter: says its version. */
async function fakePython(folder: string, version: string): Promise<string> {
  const file = path.join(home, folder, `python${version.split('.').slice(0, 2).join('.')}`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho '${JSON.stringify([file, version])}'\n`);
  await chmod(file, 0o755);
  return file;
}

const request = { airflowVersion: '3.3.2', requirements: [] };
const found = (version: string) => ({ python: { version, file: '/x/.python-version', line: 1 } });

test.each([
  '.pyenv/versions/3.12.1/bin',
  '.asdf/installs/python/3.12.1/bin',
  '.local/share/mise/installs/python/3.12.1/bin',
  '.local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu/bin',
  'miniconda3/envs/airflow/bin',
])('a Python that is asked for is found in %s', async (folder) => {
  await fakePython('bin', '3.11.7');
  const python = await fakePython(folder, '3.12.1');
  const [first] = await pythonChoices(context, { ...request, python: '3.12' });
  expect(first).toEqual({ minor: '3.12', interpreter: expect.objectContaining({ executable: python }) });
});

test('one on PATH counts more than a newer one beside it, unless the repository names that', async () => {
  const onPath = await fakePython('bin', '3.11.7');
  const beside = await fakePython('.pyenv/versions/3.12.1/bin', '3.12.1');
  const [first] = await pythonChoices(context, request);
  expect(first.interpreter?.executable).toBe(onPath);
  const [named] = await pythonChoices(context, { ...request, python: '3.12', found: found('3.12') });
  expect(named.interpreter?.executable).toBe(beside);
});

test.each(['3.13', '3.7'])(
  'a Python %s that the repository names, and is not to be had, gives way to one that is',
  async (version) => {
    await fakePython('bin', '3.11.7');
    const [first] = await pythonChoices(context, { ...request, python: version, found: found(version) });
    expect(first.minor).toBe('3.11');
  },
);

test('one that devenv.yaml names does not', async () => {
  await fakePython('bin', '3.11.7');
  const [first] = await pythonChoices(context, { ...request, python: '3.14' });
  expect(first).toEqual({ minor: '3.14', interpreter: undefined });
});
