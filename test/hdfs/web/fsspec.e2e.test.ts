import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { mockHdfsForTest } from '../support/mockHdfs.ts';
import { runPython } from '../support/uvPython.ts';

test('fsspec’s WebHDFS reads, writes and asks', async () => {
  const mock = await mockHdfsForTest();
  const { stdout } = await runPython(
    ['pytest', 'fsspec', 'requests'],
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_fsspec.py'],
    path.resolve(import.meta.dirname, '../python'),
    { HDFS_TEST_URL: mock.address, HDFS_TEST_USER: os.userInfo().username, PYTHONDONTWRITEBYTECODE: '1' },
  );
  expect(stdout).toMatch(/3 passed/);
});
