import path from 'node:path';
import { expect, test } from 'vitest';
import { findJava } from '../../src/spark/javaSearch.ts';
import { temporaryFolder, writeTree } from './support.ts';

/** A platform of which no usual place exists: only what the environment names is found. */
const NOWHERE = 'sunos';

async function javas(versions: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, version] of Object.entries(versions))
    await writeTree(folder, { [`${name}/bin/java`]: '', [`${name}/release`]: `JAVA_VERSION="${version}"\n` });
  return folder;
}

test('JAVA_HOME comes first, when this Spark was made for it', async () => {
  const folder = await javas({ home: '17.0.12', path: '21.0.1' });
  const env = { JAVA_HOME: path.join(folder, 'home'), PATH: path.join(folder, 'path/bin'), HOME: folder };
  expect(findJava({ env, platform: NOWHERE }, '4.0.1')).toEqual({
    home: path.join(folder, 'home'),
    major: 17,
  });
});

test('another one is taken when it is not', async () => {
  const folder = await javas({ home: '25.0.1', path: '1.8.0_392' });
  const env = { JAVA_HOME: path.join(folder, 'home'), PATH: path.join(folder, 'path/bin'), HOME: folder };
  expect(findJava({ env, platform: NOWHERE }, '3.5.5').major).toBe(8);
});

test('those that tools install in the home directory are found', async () => {
  const home = await temporaryFolder();
  const folder = '.sdkman/candidates/java/17.0.9-tem';
  await writeTree(home, { [`${folder}/bin/java`]: '', [`${folder}/release`]: 'JAVA_VERSION="17.0.9"' });
  expect(findJava({ env: { HOME: home, PATH: '' }, platform: 'linux' }, '3.5.5').major).toBe(17);
});
