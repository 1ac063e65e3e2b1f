import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runLogged, startDaemon, type DaemonOptions } from '../../src/platform/daemon.ts';
import { findProcess } from '../../src/platform/processTable.ts';

let directory: string;
let options: DaemonOptions;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'devenv-daemon-'));
  options = {
    env: { PATH: process.env['PATH'] ?? '', SECRET: 'hunter2' },
    cwd: '/',
    logFile: path.join(directory, 'logs/daemon.log'),
    runAs: undefined,
    signal: new AbortController().signal,
  };
});
afterEach(() => rm(directory, { recursive: true }));

it('starts a process in a session of its own and waits until it is ready', async () => {
  const isReady = async (): Promise<boolean> => (await readFile(options.logFile, 'utf8')).includes('ready');
  const pid = await startDaemon('/bin/sh', ['-c', 'echo ready; exec sleep 60'], {
    ...options,
    isReady,
    timeoutMs: 10_000,
  });
  try {
    expect(await findProcess(pid, process.platform)).toMatchObject({ pid, uid: process.getuid?.() });
    const session = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[3];
    expect(session).toBe(String(pid));
    expect((await stat(options.logFile)).mode & 0o777).toBe(0o600);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

it('tells what a process printed that ended before it was ready, and nothing of its environment', async () => {
  await writeFile(path.join(directory, 'old'), '');
  const failing = startDaemon('/bin/sh', ['-c', 'echo no such disk >&2; exit 3'], {
    ...options,
    isReady: () => Promise.resolve(false),
    timeoutMs: 10_000,
  });
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'daemon_failed',
    what: 'sh ended with exit code 3.',
    why: 'no such disk',
  });
  expect(JSON.stringify(error)).not.toContain('hunter2');
});

it('says so when there is no such program', async () => {
  await expect(runLogged('/no/such/program', [], options)).rejects.toMatchObject({ code: 'daemon_failed' });
});

it('puts a log aside that has grown over 10 MB', async () => {
  await runLogged('/bin/sh', ['-c', 'echo first'], options);
  await truncate(options.logFile, 11 * 1024 * 1024);
  await runLogged('/bin/sh', ['-c', 'echo second'], options);
  expect(await readFile(options.logFile, 'utf8')).toBe('second\n');
  expect((await stat(`${options.logFile}.1`)).size).toBe(11 * 1024 * 1024);
});
