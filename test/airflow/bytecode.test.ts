import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compileBytecode } from '../../src/airflow/bytecode.ts';
import { processesWith, until } from '../e2e/support/inspect.ts';
import { testContext } from './testContext.ts';

/** As much of a virtual environment as is needed: an interpreter, a package, its list of files. */
async function setUp(modules: number): Promise<{ directory: string; packageFolder: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-bytecode-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const sitePackages = path.join(directory, 'lib', 'python3', 'site-packages');
  const packageFolder = path.join(sitePackages, 'some');
  await mkdir(path.join(directory, 'bin'));
  await mkdir(packageFolder, { recursive: true });
  await mkdir(path.join(sitePackages, 'some-1.dist-info'));
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  await symlink(python.trim(), path.join(directory, 'bin', 'python'));
  const names = Array.from({ length: modules }, (_, index) => `module_${index}.py`);
  await Promise.all(names.map((name) => writeFile(path.join(packageFolder, name), MODULE)));
  const record = names.map((name) => `some/${name},sha256=x,1\n`).join('');
  await writeFile(path.join(sitePackages, 'some-1.dist-info', 'RECORD'), record);
  return { directory, packageFolder };
}

const MODULE = Array.from({ length: 200 }, (_, index) => `def f${index}(x):\n    return x + ${index}\n`).join(
  '',
);

test('every module of a package has bytecode, which names the place where it is going to be', async () => {
  const { directory, packageFolder } = await setUp(7);
  await compileBytecode(await testContext(), directory, '/final/place');
  const compiled = globSync(path.join(packageFolder, '__pycache__', '*.pyc'));
  expect(compiled).toHaveLength(7);
  expect(readFileSync(compiled[0]!).includes('/final/place/lib/python3/site-packages/some')).toBe(true);
});

test('cancelled in the middle it leaves no process', async () => {
  const { directory, packageFolder } = await setUp(2_000);
  const controller = new AbortController();
  const compiling = compileBytecode(
    { ...(await testContext()), signal: controller.signal },
    directory,
    '/final/place',
  );
  await until(
    () => globSync(path.join(packageFolder, '__pycache__', '*.pyc')).length > 2,
    () => processesWith(directory),
  );
  controller.abort(new Error('enough'));
  await expect(compiling).rejects.toThrow('enough');
  await until(
    () => processesWith(directory).length === 0,
    () => processesWith(directory),
  );
});
