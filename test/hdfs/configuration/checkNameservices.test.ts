import { expect, test } from 'vitest';
import { checkNameservices } from '../../../src/hdfs/configuration/checkNameservices.ts';

const SETTINGS = { nameservice: 'prod', user: undefined, conf: [], seed: [] };

test.each([
  'hdfs://prod/a',
  'hdfs://PROD:8020/a',
  'hdfs:///a',
  'hdfs:/a',
  'hdfs://127.77.1.2:9870/a',
  '/local',
  's3://x/a',
])('a job may ask for %s', async (source) => {
  await expect(checkNameservices([source], SETTINGS, 'the job asks for')).resolves.toBeUndefined();
});

test('a file of another HDFS is refused by the name of that', async () => {
  const sources = ['/a', 'hdfs://archive/jobs/x.py'];
  await expect(checkNameservices(sources, SETTINGS, 'the job asks for')).rejects.toMatchObject({
    code: 'hdfs_nameservice_unknown',
    what: expect.stringContaining('is on archive, which is no nameservice of this project') as string,
  });
});
