import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compareArtifacts, syncArtifacts } from '../../src/artifacts/syncArtifacts.ts';
import { declare, FakeHdfs, serve, temporaryFolder, testContext } from './support.ts';

const ALL = { names: [], force: false };

test('artifacts are put once, again when their source has changed or their file is gone', async () => {
  const folder = await temporaryFolder();
  const project = await declare(folder, 'cache: /cache\nartifacts: {a.txt: a.txt}\n');
  const hdfs = new FakeHdfs();
  const context = testContext(folder);
  const sync = async () => (await syncArtifacts(context, project, hdfs.all, ALL)).artifacts[0];
  await writeFile(path.join(folder, 'a.txt'), 'one');
  expect(await sync()).toMatchObject({ before: 'missing', result: 'put', bytes: 3 });
  expect(await sync()).toMatchObject({ result: 'current', bytes: 3 });
  await writeFile(path.join(folder, 'a.txt'), 'other');
  expect(await sync()).toMatchObject({ before: 'outdated', result: 'put' });
  expect(hdfs.text('/cache/a.txt')).toBe('other');
  hdfs.files.clear();
  expect((await compareArtifacts(project, hdfs.all))[0]).toMatchObject({ state: 'missing', bytes: 5 });
  expect(await sync()).toMatchObject({ before: 'missing', result: 'put' });
  await hdfs.create('/cache/a.txt', 'somebody else’s');
  expect(await sync()).toMatchObject({ before: 'foreign', result: 'put' });
  expect([...hdfs.files.keys()]).toEqual(['/cache/a.txt']);
});

test('one that can’t be had does not keep the others, and what is in HDFS stays', async () => {
  await using server = await serve((_, response) => response.writeHead(404).end());
  const folder = await temporaryFolder();
  const text = `
artifacts:
  gone.tgz: ${server.url}/gone.tgz
  old.tgz: ${server.url}/old.tgz
  here.txt: here.txt
`;
  const project = await declare(folder, text);
  await writeFile(path.join(folder, 'here.txt'), 'here');
  const hdfs = new FakeHdfs();
  await hdfs.create('/cache/artifacts/old.tgz', 'old');
  const { artifacts } = await syncArtifacts(testContext(folder), project, hdfs.all, ALL);
  expect(artifacts.map(({ name, result }) => [name, result])).toEqual([
    ['gone.tgz', 'failed'],
    ['old.tgz', 'kept'],
    ['here.txt', 'put'],
  ]);
  expect(hdfs.text('/cache/artifacts/old.tgz')).toBe('old');
});

test('an override takes the place of the declared file, and gives it back', async () => {
  await using server = await serve((_, response) => response.end('declared'));
  const folder = await temporaryFolder();
  const project = await declare(folder, `artifacts: {a.tgz: '${server.url}/a.tgz'}`);
  const hdfs = new FakeHdfs();
  const context = testContext(folder);
  await syncArtifacts(context, project, hdfs.all, ALL);
  await mkdir(project.artifacts.overrides);
  await writeFile(path.join(project.artifacts.overrides, 'a.tgz'), 'mine');
  expect((await compareArtifacts(project, hdfs.all))[0]?.state).toBe('outdated');
  await syncArtifacts(context, project, hdfs.all, ALL);
  expect(hdfs.text('/cache/artifacts/a.tgz')).toBe('mine');
  await rm(project.artifacts.overrides, { recursive: true });
  await syncArtifacts(context, project, hdfs.all, ALL);
  expect(hdfs.text('/cache/artifacts/a.tgz')).toBe('declared');
  expect(server.requests).toHaveLength(1);
});

test('versions are kept beside, in folders named after the time', async () => {
  const folder = await temporaryFolder();
  const project = await declare(folder, 'artifacts: {a.txt: {source: a.txt, cache: /c/, versioned: true}}');
  await writeFile(path.join(folder, 'a.txt'), 'one');
  const hdfs = new FakeHdfs();
  const context = { ...testContext(folder), now: () => Date.UTC(2026, 0, 31, 12, 30, 5) };
  await syncArtifacts(context, project, hdfs.all, ALL);
  expect([...hdfs.files.keys()]).toEqual(['/c/20260131123005/a.txt', '/c/current/a.txt']);
});

test('a name that is not declared is a mistake', async () => {
  const folder = await temporaryFolder();
  const project = await declare(folder, 'artifacts: {a.txt: a.txt}');
  const options = { names: ['b.txt'], force: false };
  await expect(
    syncArtifacts(testContext(folder), project, new FakeHdfs().all, options),
  ).rejects.toMatchObject({
    code: 'artifact_unknown',
  });
});

test('a cache on another HDFS than the project’s is refused', async () => {
  const folder = await temporaryFolder();
  const context = testContext(folder);
  const hdfs = new FakeHdfs();
  for (const text of [
    'cache: hdfs://other/cache\nartifacts: {a.txt: a.txt}\n',
    'artifacts: {a.txt: {source: a.txt, cache: hdfs://other/a.txt}}\n',
  ]) {
    const project = await declare(folder, text);
    await expect(syncArtifacts(context, project, hdfs.all, ALL)).rejects.toMatchObject({
      code: 'hdfs_nameservice_unknown',
      misuse: true,
    });
    await expect(compareArtifacts(project, hdfs.all)).rejects.toMatchObject({ misuse: true });
  }
  expect(hdfs.files.size).toBe(0);
});
