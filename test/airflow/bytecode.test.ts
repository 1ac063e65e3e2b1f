import { execFileSync, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compileInBackground } from '../../src/airflow/bytecode.ts';
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
  for (const name of ['some-1', 'other-1', 'apache_airflow-1'])
    await mkdir(path.join(sitePackages, `${name}.dist-info`));
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  await symlink(python.trim(), path.join(directory, 'bin', 'python'));
  const names = Array.from({ length: modules }, (_, index) => `module_${index}.py`);
  await Promise.all(names.map((name) => writeFile(path.join(packageFolder, name), MODULE)));
  await writeFile(
    path.join(sitePackages, 'other-1.dist-info', 'METADATA'),
    'Metadata-Version: 2.1\nName: other\nVersion: 1\n',
  );
  await writeFile(path.join(sitePackages, 'other-1.dist-info', 'RECORD'), 'other.py,,\n');
  await writeFile(path.join(sitePackages, 'other.py'), MODULE);
  const metadata = 'Metadata-Version: 2.1\nName: Some\nVersion: 1\n';
  await writeFile(path.join(sitePackages, 'some-1.dist-info', 'METADATA'), metadata);
  const airflow =
    "Metadata-Version: 2.1\nName: apache-airflow\nRequires-Dist: some>=1\nRequires-Dist: other; extra == 'x'\n";
  await writeFile(path.join(sitePackages, 'apache_airflow-1.dist-info', 'METADATA'), airflow);
  await writeFile(path.join(sitePackages, 'apache_airflow-1.dist-info', 'RECORD'), '');
  const record = names.map((name) => `some/${name},sha256=x,1\n`).join('');
  await writeFile(path.join(sitePackages, 'some-1.dist-info', 'RECORD'), record);
  return { directory, packageFolder };
}

const MODULE = Array.from({ length: 200 }, (_, index) => `def f${index}(x):\n    return x + ${index}\n`).join(
  '',
);

test('what Airflow depends on has bytecode after a while, what else is installed has none', async () => {
  const { directory, packageFolder } = await setUp(7);
  compileInBackground(await testContext(), directory);
  await until(
    () => globSync(path.join(packageFolder, '__pycache__', '*.pyc')).length === 7,
    () => processesWith(directory),
  );
  expect(globSync(path.join(packageFolder, '..', '__pycache__', '*.pyc'))).toEqual([]);
});

test.each(['cancelled', 'killed with what has started it'])('%s it leaves no process', async (end) => {
  const { directory, packageFolder } = await setUp(2_000);
  const controller = new AbortController();
  let kill = () => controller.abort();
  if (end === 'cancelled') {
    compileInBackground({ ...(await testContext()), signal: controller.signal }, directory);
  } else {
    const script = `import('${path.resolve('src/airflow/bytecode.ts')}').then(({ compileInBackground }) => {
      compileInBackground({ env: process.env, signal: new AbortController().signal }, '${directory}');
      setInterval(() => {}, 1000);
    });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    kill = () => child.kill('SIGKILL');
  }
  await until(
    () => globSync(path.join(packageFolder, '__pycache__', '*.pyc')).length > 2,
    () => processesWith(directory),
  );
  kill();
  await until(
    () => processesWith(directory).length === 0,
    () => processesWith(directory),
  );
  expect(globSync(path.join(packageFolder, '__pycache__', '*.pyc')).length).toBeLessThan(2_000);
});
