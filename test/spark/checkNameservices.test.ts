import { expect, test } from 'vitest';
import { checkNameservices } from '../../src/spark/checkNameservices.ts';

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
  await expect(checkNameservices([source], SETTINGS)).resolves.toBeUndefined();
});

test('a file of another HDFS is refused by the name of that', async () => {
  await expect(checkNameservices(['/a', 'hdfs://archive/jobs/x.py'], SETTINGS)).rejects.toMatchObject({
    code: 'hdfs_nameservice_unknown',
    what: expect.stringContaining('is on archive, which is no nameservice of this project') as string,
  });
});
