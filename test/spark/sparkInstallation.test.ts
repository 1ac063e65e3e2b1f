import path from 'node:path';
import { expect, test } from 'vitest';
import { findSpark } from '../../src/spark/sparkInstallation.ts';
import { installSparkStandIn } from '../../src/spark/standIn.ts';
import { temporaryFolder, writeTree } from './support.ts';

const SITE = 'lib/python3.11/site-packages/pyspark';

function spark(folder: string, version: string): Record<string, string> {
  return { [`${folder}/bin/spark-submit`]: '', [`${folder}/jars/spark-core_2.12-${version}.jar`]: '' };
}

test('SPARK_HOME goes before pyspark in an environment', async () => {
  const folder = await temporaryFolder();
  await writeTree(folder, { ...spark('home', '3.4.1'), ...spark(`env/${SITE}`, '3.5.5') });
  const environment = path.join(folder, 'env');
  const found = findSpark({ env: { SPARK_HOME: path.join(folder, 'home') } }, [environment]);
  expect(found).toMatchObject({ home: path.join(folder, 'home'), version: '3.4.1' });
  expect(findSpark({ env: { SPARK_HOME: '/nowhere' } }, [environment])).toEqual({
    home: path.join(environment, SITE),
    version: '3.5.5',
    python: path.join(environment, 'bin/python'),
  });
});

test('the Spark Connect client is called pyspark, and is no Spark', async () => {
  const folder = await temporaryFolder();
  await writeTree(folder, { [`${SITE}/__init__.py`]: '' });
  expect(findSpark({ env: { PATH: '/nowhere' } }, [folder])).toBeUndefined();
});

test('of the programs on PATH, our own stand-in is passed over', async () => {
  const folder = await temporaryFolder();
  const project = { root: folder, stateDirectory: path.join(folder, '.devenv'), configFile: undefined };
  await installSparkStandIn(project);
  await writeTree(folder, spark('real', '3.5.5'));
  const ours = path.join(folder, '.devenv/bin');
  expect(findSpark({ env: { PATH: ours } }, [])).toBeUndefined();
  const both = [ours, path.join(folder, 'real/bin')].join(path.delimiter);
  expect(findSpark({ env: { PATH: both } }, [])).toMatchObject({ version: '3.5.5' });
});
