import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { writeHadoopConfiguration } from '../../../src/hdfs/configuration/writeHadoopConfiguration.ts';
import { hadoopClassPath, startJava } from '../support/hadoop.ts';
import { makeProject, serveHere } from '../support/hdfsProject.ts';

test('Hadoop’s own contract for FileContext holds on hdfs:// URIs', async () => {
  const { stateDirectory, hdfs } = await makeProject();
  const place = await serveHere({ root: '', stateDirectory, hdfs });
  const user = systemUser({});
  const { directory } = await writeHadoopConfiguration({ stateDirectory, settings: hdfs, place, user });
  const jars = await hadoopClassPath('contract-pom.xml', '3.4.1');
  const classPath = `${directory}${path.delimiter}${jars}`;
  const contract = startJava(classPath, 'FileContextContract.java', [], { HADOOP_USER_NAME: user });
  onTestFinished(() => contract.end());
  const failed: string[] = [];
  let counts: readonly string[] | null = null;
  while (counts === null) {
    const line = await contract.line();
    if (line.startsWith('failed ')) failed.push(line);
    counts = /^ran (\d+), failed (\d+)$/.exec(line);
  }
  // Files with blocks of 1 KiB: real HDFS refuses those as well, with the limit that it has.
  expect(failed.filter((line) => !line.includes('min-block-size'))).toEqual([]);
  expect(Number(counts[1])).toBeGreaterThan(70);
});
