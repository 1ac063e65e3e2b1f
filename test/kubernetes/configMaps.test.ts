import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configMapObjects } from '../../src/kubernetes/objects/configMaps.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'devenv-maps-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('files become keys: text as it is, anything else in base64; keys that are written beside stay', async () => {
  await writeFile(path.join(folder, 'spark.conf'), 'a b\n');
  await writeFile(path.join(folder, 'key.bin'), Buffer.from([0xff, 0x00]));
  const map = { name: 'conf', isHadoop: false, data: { level: '3' }, files: [folder] };
  expect(await configMapObjects('ml', [map], {})).toMatchObject([
    {
      kind: 'ConfigMap',
      metadata: { name: 'conf', namespace: 'ml' },
      data: { 'level': '3', 'spark.conf': 'a b\n' },
      binaryData: { 'key.bin': '/wA=' },
    },
  ]);
});

test('the one of Hadoop holds what finds the HDFS', async () => {
  const map = { name: 'hadoop', isHadoop: true, data: {}, files: [] };
  const objects = await configMapObjects('ml', [map], { 'core-site.xml': '<configuration/>' });
  expect(objects).toMatchObject([{ data: { 'core-site.xml': '<configuration/>' } }]);
});

test('a file that is gone is named with its map', async () => {
  const map = { name: 'conf', isHadoop: false, data: {}, files: [path.join(folder, 'none')] };
  await expect(configMapObjects('ml', [map], {})).rejects.toMatchObject({
    code: 'config_map_unreadable',
    what: expect.stringContaining('config map conf'),
  });
});
