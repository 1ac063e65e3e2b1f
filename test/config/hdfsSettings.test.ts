import path from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../src/config/loadProject.ts';
import { makeTree } from './tree.ts';

const load = (workingDirectory: string) => loadProject({ env: { HOME: '/nowhere' }, workingDirectory });
const NOTHING = { nameservice: undefined, user: undefined, conf: [], seed: [] };

test('a project has an HDFS when its file asks for one, for Spark or for artifacts', async () => {
  const asks = async (text: string) => (await load(await makeTree({ 'devenv.yaml': text }))).hdfs;
  expect(await asks('hdfs: {}')).toEqual(NOTHING);
  expect(await asks('spark: {version: 4.0.1}')).toEqual(NOTHING);
  expect(await asks('database: sqlite')).toBeUndefined();
});

test('files of Hadoop and seeds count from the file, and may be folders', async () => {
  const root = await makeTree({
    'devenv.yaml': `
hdfs:
  nameservice: prod-hadoop
  user: analytics
  conf: [conf/hadoop, extra.xml]
  seed: {/user/a/data: data, /user/a/b.csv: data/b.csv}
`,
    'conf/hadoop/core-site.xml': '',
    'extra.xml': '',
    'data/b.csv': '',
  });
  const inside = (name: string) => path.join(root, name);
  expect((await load(root)).hdfs).toEqual({
    nameservice: 'prod-hadoop',
    user: 'analytics',
    conf: [inside('conf/hadoop'), inside('extra.xml')],
    seed: [
      { target: '/user/a/data', source: inside('data') },
      { target: '/user/a/b.csv', source: inside('data/b.csv') },
    ],
  });
});

test.each([
  ['hdfs: {seed: {/x: missing}}', 'config_path_not_found'],
  ['hdfs: {conf: missing}', 'config_path_not_found'],
  ['hdfs: {seed: {relative: devenv.yaml}}', 'config_wrong_value'],
  ['hdfs: {nameservice: "a b"}', 'config_wrong_value'],
  ['hdfs: {nameservices: x}', 'config_unknown_key'],
  ['hdfs:', 'config_wrong_type'],
])('%s is a mistake', async (text, code) => {
  const failing = load(await makeTree({ 'devenv.yaml': text }));
  await expect(failing).rejects.toMatchObject({ code });
});
