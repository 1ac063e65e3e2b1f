import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { endAbandonedPods } from '../../src/kubernetes/abandonedPods.ts';
import { clusterDirectory } from '../../src/kubernetes/clusterPlace.ts';
import { processStartTime } from '../../src/platform/processIdentity.ts';

const PYTHON = path.resolve(import.meta.dirname, '../../src/airflow/python');

/** As `run_pods.py` notes the start of a process. */
async function mark(pid: number): Promise<string> {
  const script = `from airflow_devenv.processes import start_mark; print(start_mark(${pid}))`;
  const { stdout } = await promisify(execFile)('python3', ['-B', '-c', script], {
    env: { ...process.env, PYTHONPATH: PYTHON },
  });
  return stdout.trim();
}

async function projectWith(record: { readonly pid: number; readonly startTime: string }) {
  const stateDirectory = await mkdtemp(path.join(tmpdir(), 'devenv-pods-'));
  onTestFinished(() => rm(stateDirectory, { recursive: true }));
  const folder = path.join(clusterDirectory({ stateDirectory }), 'pods');
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify({ version: 1, namespace: 'ml', ...record });
  await writeFile(path.join(folder, 'train-abc.json'), text);
  return { project: { stateDirectory }, noted: () => readdir(folder) };
}

test('both sides name a process in the same words', async () => {
  expect(await mark(process.pid)).toBe(await processStartTime(process.pid));
});

test('the pods of a run that goes on are left alone', async () => {
  const { project, noted } = await projectWith({ pid: process.pid, startTime: await mark(process.pid) });
  expect(await endAbandonedPods({ platform: process.platform }, project)).toEqual([]);
  expect(await noted()).toEqual(['train-abc.json']);
});

test('a pod whose cluster does not answer stays noted', async () => {
  const { project, noted } = await projectWith({ pid: process.pid, startTime: 'of another process' });
  expect(await endAbandonedPods({ platform: process.platform }, project)).toEqual([]);
  expect(await noted()).toEqual(['train-abc.json']);
});
