import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnvironment } from '../../src/airflow/childEnvironment.ts';
import { ensureUv } from '../../src/airflow/uv.ts';
import { runCommand } from '../../src/platform/childProcess.ts';
import { type MockHdfs, startMockHdfs } from './support/mockHdfs.ts';

// Python's clients of WebHDFS: hdfscli with its own tests, which Airflow's hook is made of, and fsspec.

const PYTHON = path.join(import.meta.dirname, 'python');
const signal = AbortSignal.timeout(300_000);

let folder: string;
let mock: MockHdfs;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'hdfs-python-'));
  mock = await startMockHdfs();
  const uv = await ensureUv({
    env: process.env,
    platform: process.platform,
    workingDirectory: process.cwd(),
    now: Date.now,
    emit: () => {},
    signal,
  });
  const environment = path.join(folder, 'environment');
  // With pip, which alone can download what a package is made of.
  await run(uv, ['venv', '--quiet', '--seed', '--python', '>=3.11', environment]);
  const requirements = ['--requirements', path.join(PYTHON, 'requirements.txt')];
  await run(uv, ['pip', 'install', '--quiet', '--python', python(), ...requirements]);
});

afterAll(async () => {
  await mock?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test('the tests of hdfscli pass', async () => {
  const suite = await ownTestsOfHdfscli();
  const output = await pytest(suite, ['test/test_client.py', 'test/test_main.py']);
  expect(Number(/(\d+) passed/.exec(output)?.[1])).toBeGreaterThan(200);
  expect(output).not.toMatch(/failed|error/);
});

test('fsspec reads, writes and asks', async () => {
  expect(await pytest(PYTHON, ['test_fsspec.py'])).toMatch(/3 passed/);
});

/** The tests are in the source distribution, without two files that they need. */
async function ownTestsOfHdfscli(): Promise<string> {
  const wanted = [
    'download',
    '--quiet',
    '--no-deps',
    '--no-binary',
    ':all:',
    '--dest',
    folder,
    'hdfs==2.7.3',
  ];
  await run(python(), ['-m', 'pip', ...wanted]);
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz'));
  await run('tar', ['-xzf', path.join(folder, archive!), '-C', folder]);
  const unpacked = path.join(folder, archive!.replace('.tar.gz', ''));
  // Otherwise it would be tested instead of what is installed.
  await rm(path.join(unpacked, 'hdfs'), { recursive: true });
  await mkdir(path.join(unpacked, 'test/dat'));
  for (const name of ['a.txt', 'b.txt']) await writeFile(path.join(unpacked, 'test/dat', name), `${name}\n`);
  await writeFile(path.join(unpacked, 'test/__init__.py'), '');
  await copyFile(path.join(PYTHON, 'hdfscli_util.py'), path.join(unpacked, 'test/util.py'));
  return unpacked;
}

async function pytest(directory: string, files: readonly string[]): Promise<string> {
  const environment = {
    HDFSCLI_TEST_URL: mock.address,
    HDFSCLI_TEST_USER: os.userInfo().username,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const words = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--disable-warnings', ...files];
  return run(python(), words, { cwd: directory, environment });
}

function python(): string {
  return path.join(folder, 'environment/bin/python');
}

async function run(
  program: string,
  args: readonly string[],
  { cwd = folder, environment = {} }: { cwd?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const env = { ...cleanEnvironment(process.env), ...environment };
  const result = await runCommand(program, [...args], { env, signal, cwd });
  return result.stdout;
}
