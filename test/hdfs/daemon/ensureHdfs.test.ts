import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { WebHdfsFiles } from '../../../src/hdfs/client/webHdfsFiles.ts';
import { ensureHdfs, hdfsPid, stopHdfs } from '../../../src/hdfs/daemon/ensureHdfs.ts';
import { CLIENT_PORTS } from '../../../src/hdfs/daemon/hdfsPlace.ts';
import { openHdfs } from '../../../src/hdfs/openHdfs.ts';
import { processStartTime } from '../../../src/platform/processIdentity.ts';
import { context, makeProject, PROGRAM, type TestProject } from '../support/hdfsProject.ts';

const ensure = (project: TestProject) => ensureHdfs(context(), project, { program: PROGRAM });

test('the server is started once, by whoever needs it first, and found by the others', async () => {
  const project = await makeProject();
  const places = await Promise.all([ensure(project), ensure(project), ensure(project)]);
  const addresses = new Set(places.map(({ address }) => address));
  expect(addresses.size).toBe(1);
  const pid = await hdfsPid(context(), project);
  await ensure(project);
  expect(await hdfsPid(context(), project)).toBe(pid);
});

test('nothing that was acknowledged is lost when the server is killed, and the next command starts it again', async () => {
  const project = await makeProject();
  const files = await openIn(project);
  await files.create('/user/alice/a.txt', 'acknowledged');
  await files.rename('/user/alice/a.txt', '/user/alice/b.txt');
  const pid = (await hdfsPid(context(), project)) ?? 0;
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  const again = await openIn(project);
  expect(await hdfsPid(context(), project)).not.toBe(pid);
  expect((await again.list('/user/alice')).map((each) => each.name)).toEqual(['b.txt']);
  expect(await textOf(await again.open('/user/alice/b.txt'))).toBe('acknowledged');
});

test('it comes back to the place where it was', async () => {
  const project = await makeProject();
  const before = await ensure(project);
  await stopHdfs(context(), project);
  const { address, ports } = await ensure(project);
  expect({ address, ports }).toEqual({ address: before.address, ports: before.ports });
});

test.runIf(process.platform === 'linux')('two projects have the usual ports at the same time', async () => {
  const [first, second] = [await makeProject(), await makeProject()];
  const [one, other] = [await ensure(first), await ensure(second)];
  expect(one.ports).toEqual(CLIENT_PORTS);
  expect(other.ports).toEqual(CLIENT_PORTS);
  expect(one.address).not.toBe(other.address);
});

test.runIf(process.platform === 'linux')(
  'where somebody has its address it goes to another one',
  async () => {
    const project = await makeProject();
    const { address } = await ensure(project);
    await stopHdfs(context(), project);
    const other = createServer().listen({ host: address, port: 8020, exclusive: true });
    try {
      const moved = await ensure(project);
      expect(moved.address).not.toBe(address);
      expect(moved.ports).toEqual(CLIENT_PORTS);
    } finally {
      other.close();
    }
  },
);

test('stopping ends the process, and says whether there was one', async () => {
  const project = await makeProject();
  expect(await stopHdfs(context(), project)).toBe(false);
  await ensure(project);
  const pid = (await hdfsPid(context(), project)) ?? 0;
  expect(await stopHdfs(context(), project)).toBe(true);
  expect(await processStartTime(pid)).toBeUndefined();
  expect(await stopHdfs(context(), project)).toBe(false);
});

test('a server whose record somebody has removed is ended before another one begins', async () => {
  const project = await makeProject();
  await ensure(project);
  const pid = (await hdfsPid(context(), project)) ?? 0;
  await rm(path.join(project.stateDirectory, 'hdfs', 'server.json'));
  await ensure(project);
  expect(await processStartTime(pid)).toBeUndefined();
});

test('a server whose whole folder somebody has removed is ended, too', async () => {
  const project = await makeProject();
  const { address } = await ensure(project);
  const pid = (await hdfsPid(context(), project)) ?? 0;
  await rm(path.join(project.stateDirectory, 'hdfs'), { recursive: true });
  expect((await ensure(project)).address).toBe(address);
  expect(await processStartTime(pid)).toBeUndefined();
});

test('a record of a process that is somebody else’s is not believed', async () => {
  const project = await makeProject();
  const place = await ensure(project);
  await stopHdfs(context(), project);
  const record = { version: 1, pid: process.pid, startTime: 'long ago', ...place };
  await writeFile(path.join(project.stateDirectory, 'hdfs', 'server.json'), JSON.stringify(record));
  await ensure(project);
  expect(await hdfsPid(context(), project)).not.toBe(process.pid);
});

test('two servers never have the same files', async () => {
  const project = await makeProject();
  await ensure(project);
  const { runHdfsServer } = await import('../../../src/hdfs/daemon/runHdfsServer.ts');
  const { platform, signal } = context();
  const second = runHdfsServer(
    { platform, signal },
    { stateDirectory: project.stateDirectory, superuser: 'alice', log: () => {} },
  );
  await expect(second).rejects.toMatchObject({ code: 'hdfs_already_served' });
});

test('a server that can’t start says why', async () => {
  const project = await makeProject();
  const failing = ensureHdfs(context(), project, { program: ['/bin/sh', '-c', 'echo no disk >&2; exit 3'] });
  await expect(failing).rejects.toMatchObject({ code: 'hdfs_not_starting', why: 'no disk' });
});

test('what it writes is the user’s alone', async () => {
  const project = await makeProject();
  await ensure(project);
  const folder = path.join(project.stateDirectory, 'hdfs');
  expect((await stat(path.join(folder, 'server.json'))).mode & 0o077).toBe(0);
  expect((await stat(project.stateDirectory)).mode & 0o077).toBe(0);
  expect(await readFile(path.join(project.stateDirectory, 'logs', 'hdfs.log'), 'utf8')).toContain(
    'listens on',
  );
});

async function openIn(project: TestProject): Promise<WebHdfsFiles> {
  const files = await openHdfs(context(), project, { program: PROGRAM });
  onTestFinished(() => files.close());
  return files;
}

async function gone(pid: number): Promise<void> {
  while ((await processStartTime(pid)) !== undefined) await sleep(5);
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}
