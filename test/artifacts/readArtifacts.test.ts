import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listArtifacts } from '../../src/artifacts/artifact.ts';
import { readArtifacts } from '../../src/config/readArtifacts.ts';
import { declare, temporaryFolder } from './support.ts';

async function artifactsOf(text: string, maven: readonly string[] = []) {
  const folder = await temporaryFolder();
  const { artifacts } = await declare(folder, text, maven);
  return { folder, list: listArtifacts(await readArtifacts(artifacts.file), artifacts) };
}

test('sources are addresses, paths and coordinates; names tell where they are put', async () => {
  const { folder, list } = await artifactsOf(
    `
version: 1
cache: hdfs://analytics-hadoop/wmf/cache/artifacts
artifacts:
  job-0.1.0.conda.tgz: https://packages.example/1/download
  lib.jar: {source: 'maven:g:a:1.0', cache: hdfs:///jars/}
  words.txt: {source: data/words.txt, cache: /data/all-words.txt, versioned: true}
`,
    ['https://maven.example'],
  );
  expect(list.map(({ name, origin, target }) => ({ name, origin, target }))).toEqual([
    {
      name: 'job-0.1.0.conda.tgz',
      origin: { kind: 'web', addresses: ['https://packages.example/1/download'] },
      target: '/wmf/cache/artifacts/job-0.1.0.conda.tgz',
    },
    {
      name: 'lib.jar',
      origin: { kind: 'web', addresses: ['https://maven.example/g/a/1.0/a-1.0.jar'] },
      target: '/jars/lib.jar',
    },
    {
      name: 'words.txt',
      origin: { kind: 'file', path: path.join(folder, 'data/words.txt') },
      target: '/data/all-words.txt',
    },
  ]);
  expect(list.at(-1)?.versioned).toBe(true);
});

test('production’s file with ids and named sources is taken as it is', async () => {
  const { list } = await artifactsOf(`
default_artifact_source: url
sources:
  releases: {type: maven, url: 'https://maven.example/releases'}
  packages: {type: url, url: 'https://packages.example/base/'}
artifacts:
  a.jar: {id: 'g:a:1.0', source: releases, caches: [hdfs]}
  b.tgz: {id: 'b/1.0/b.tgz', source: packages}
  c.tgz: {id: 'https://elsewhere.example/c.tgz', source: url}
`);
  expect(list.map(({ origin }) => origin)).toEqual([
    { kind: 'web', addresses: ['https://maven.example/releases/g/a/1.0/a-1.0.jar'] },
    { kind: 'web', addresses: ['https://packages.example/base/b/1.0/b.tgz'] },
    { kind: 'web', addresses: ['https://elsewhere.example/c.tgz'] },
  ]);
});

test('a file of the folder of overrides stands in for what is declared', async () => {
  const folder = await temporaryFolder();
  const { artifacts } = await declare(
    folder,
    `artifacts: {job.tgz: {source: 'https://x.example/job.tgz', sha256: '${'0'.repeat(64)}'}}`,
  );
  await mkdir(artifacts.overrides);
  await writeFile(path.join(artifacts.overrides, 'job.tgz'), 'mine');
  const [job] = listArtifacts(await readArtifacts(artifacts.file), artifacts);
  expect(job).toMatchObject({ origin: { kind: 'override' }, sha256: undefined });
});

test('mistakes are said with their place', async () => {
  await expect(artifactsOf('artifacts:\n  a.jar: {sorce: x}\n')).rejects.toMatchObject({
    code: 'config_unknown_key',
    location: { line: 2 },
  });
  await expect(artifactsOf('artifacts: {a.jar: {source: x, sha256: short}}')).rejects.toMatchObject({
    misuse: true,
  });
  await expect(artifactsOf('artifacts: {a.jar: s3://bucket/a.jar}')).rejects.toMatchObject({
    code: 'artifact_source_unknown',
  });
  await expect(readArtifacts('/nowhere/artifacts.yaml')).rejects.toMatchObject({
    code: 'artifacts_file_not_found',
  });
});
