import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../../src/context.ts';
import { createRunFolder, type SparkRun, writeRun } from '../../src/spark/runRecords.ts';

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'devenv-spark-'));
}

export async function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    if (name.includes('bin/')) await chmod(file, 0o755);
  }
}

export function testContext(folder: string, env: Context['env'] = {}): Context {
  return {
    env: { PATH: process.env['PATH'], ...env },
    platform: process.platform,
    workingDirectory: folder,
    now: Date.now,
    emit: () => {},
    signal: AbortSignal.timeout(30_000),
  };
}

/** @returns the run's folder. */
export async function addRun(
  state: string,
  startedAt: number,
  change: Partial<SparkRun> = {},
): Promise<string> {
  const folder = await createRunFolder(state, startedAt);
  await writeRun(folder, {
    version: 1,
    id: path.basename(folder),
    name: 'job',
    program: 'spark-submit',
    arguments: ['job.py'],
    master: 'local[1]',
    sparkVersion: '3.5.5',
    state: 'succeeded',
    exitCode: 0,
    startedAt,
    endedAt: startedAt + 1000,
    pid: 1,
    processStart: 'x',
    group: undefined,
    groupStart: undefined,
    task: undefined,
    changes: [],
    ...change,
  });
  return folder;
}
