import { spawn } from 'node:child_process';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hdfsServersAmong } from '../../src/hdfs/daemon/findHdfsServers.ts';
import { allStacks } from '../../src/stack/allStacks.ts';

test.runIf(process.platform === 'linux')(
  'a project of which only HDFS runs has a line, with a runtime folder or without',
  async () => {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-all-')));
    const project = path.join(folder, 'orders');
    const words = ['hdfs-server', '--state', path.join(project, '.devenv'), '--superuser', 'me'];
    const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...words]);
    onTestFinished(() => void server.kill('SIGKILL'));
    const env = { AIRFLOW_DEVENV_RUNTIME: path.join(folder, 'r') };
    await expect
      .poll(
        async () => {
          const all = await allStacks({ env, platform: process.platform });
          return all.find((each) => each.project === project);
        },
        { timeout: 20_000 },
      )
      .toMatchObject({ hdfs: { pid: server.pid }, preloaded: [], stale: [] });
  },
);

test('servers of HDFS are known by their command lines, also where these are one text', () => {
  const words = ['/n/node', '/d/devenv.js', 'hdfs-server', '--state', '/w a/.devenv', '--superuser', 'me'];
  const found = { pid: 4, uid: 7, command: words, workingDirectory: '/' };
  const others = [
    { ...found, uid: 8 },
    { ...found, command: ['vi', 'hdfs-server', '/w a/.devenv'] },
  ];
  const expected = [{ pid: 4, stateDirectory: '/w a/.devenv' }];
  expect(hdfsServersAmong([found, ...others], 7)).toEqual(expected);
  expect(hdfsServersAmong([{ ...found, command: [words.join(' ')] }], 7)).toEqual(expected);
});
