import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, utimes } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordFile, writeRecord } from '../../src/airflow/environmentRecord.ts';
import { runInProcess } from './support/inProcess.ts';

test('env prune leaves an environment alone that a process uses, and says so', async () => {
  const cache = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-prune-')));
  const [used, unused] = [await oldEnvironment(cache, 'used'), await oldEnvironment(cache, 'unused')];
  const user = spawn(process.execPath, ['-e', 'process.stdin.resume()', path.join(used, 'bin/airflow')]);
  onTestFinished(() => void user.kill());
  await once(user, 'spawn');
  const prune = async (): Promise<string> => {
    const env = { PATH: process.env['PATH'], AIRFLOW_DEVENV_CACHE: cache };
    return (await runInProcess(['env', 'prune'], { env, cwd: () => cache })).output;
  };

  expect(await prune()).toBe(
    `Left alone, process ${user.pid} uses it: ${used}\n` +
      `Removed ${unused} (2 B)\nRemoved 1 environments, 2 B.\n`,
  );
  expect([existsSync(used), existsSync(unused)]).toEqual([true, false]);

  user.stdin.end();
  await once(user, 'close');
  expect(await prune()).toContain(`Removed ${used}`);
});

async function oldEnvironment(cache: string, name: string): Promise<string> {
  const directory = path.join(cache, 'environments', `airflow-3.3.2-${name}`);
  await mkdir(directory, { recursive: true });
  await writeRecord(directory, {
    version: 1,
    fingerprint: 'f',
    airflowVersion: '3.3.2',
    pythonVersion: '3.11.7',
    python: 'bin/python',
    manifest: { files: 1, bytes: 2 },
    watched: [],
    stamp: '',
    moved: [],
    leftOut: [],
  });
  await utimes(recordFile(directory), 1, 1);
  return directory;
}
