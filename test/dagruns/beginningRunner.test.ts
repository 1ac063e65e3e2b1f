import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endUnfinishedBeginning, recordBeginning } from '../../src/dagruns/beginningRunner.ts';
import { processStartTime, untilProcessGone } from '../../src/platform/processIdentity.ts';

test('a record is there before anything is started, and gone when it is ready or has failed', async () => {
  const folder = await runtimeFolder();
  await recordBeginning(folder, async (environment) => {
    const record = await readFile(path.join(folder, 'runner.beginning.json'), 'utf8');
    expect(record).toContain(environment['AIRFLOW_DEVENV_BEGINNING']!);
  });
  await expect(recordBeginning(folder, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(readFile(path.join(folder, 'runner.beginning.json'))).rejects.toThrow('ENOENT');
});

test('what loads for a process that was killed is ended by the next command', async () => {
  const folder = await runtimeFolder();
  const orphan = await leaveOrphan(folder, 'not alive any more');
  await endUnfinishedBeginning(folder);
  expect(await untilProcessGone({ pid: orphan }, 5_000)).toBe(true);
});

test('what loads for a living process is left alone', async () => {
  const folder = await runtimeFolder();
  const child = await leaveOrphan(folder, (await processStartTime(process.pid))!);
  await endUnfinishedBeginning(folder);
  expect(await processStartTime(child)).toBeDefined();
});

/** A process with the mark, started by this one; the record says when its starter was started. */
async function leaveOrphan(folder: string, startTime: string): Promise<number> {
  const child = spawn('/bin/sleep', ['60'], { env: { AIRFLOW_DEVENV_BEGINNING: 'token-1' }, detached: true });
  await new Promise((resolve) => child.once('spawn', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  const started = { pid: child.pid!, startTime: await processStartTime(child.pid!) };
  const record = { version: 1, token: 'token-1', starter: { pid: process.pid, startTime }, started };
  await writeFile(path.join(folder, 'runner.beginning.json'), JSON.stringify(record));
  return child.pid!;
}

async function runtimeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'beginning-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
