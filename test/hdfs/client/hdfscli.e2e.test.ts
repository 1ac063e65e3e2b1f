import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { systemUser } from '../../../src/hdfs/configuration/hadoopUser.ts';
import { placeUrl } from '../../../src/hdfs/daemon/hdfsPlace.ts';
import { makeProject, serveHere } from '../support/hdfsProject.ts';
import { runPython } from '../support/uvPython.ts';

const VERSION = '2.7.3';

test('hdfscli’s own tests of its client and its commands pass', async () => {
  const project = await makeProject();
  const place = await serveHere(project);
  const folder = await sourcesOfHdfscli(project.root);
  const { stdout } = await runPython(
    ['pytest', `hdfs==${VERSION}`],
    ['-m', 'pytest', '-q', 'test/test_client.py', 'test/test_main.py', 'test/test_util.py'],
    folder,
    { HDFSCLI_TEST_URL: placeUrl(place), HADOOP_USER_NAME: systemUser({}) },
  );
  const [, passed = '0'] = /(\d+) passed/.exec(stdout) ?? [];
  expect(stdout).not.toMatch(/\d+ (?:failed|error)/);
  expect(Number(passed)).toBeGreaterThan(200);
});

/** As published, with what the package leaves out: a helper, and files to be copied. */
async function sourcesOfHdfscli(root: string): Promise<string> {
  const words = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', `hdfs==${VERSION}`];
  await runPython(['pip', 'setuptools'], words, root);
  const archive = (await readdir(root)).find((name) => name.endsWith('.tar.gz')) ?? '';
  await promisify(execFile)('tar', ['xzf', archive], { cwd: root });
  const folder = path.join(root, `hdfs-${VERSION}`);
  const tests = path.join(folder, 'test');
  await writeFile(path.join(tests, '__init__.py'), '');
  await copyFile(path.resolve(import.meta.dirname, '../hdfscli/util.py'), path.join(tests, 'util.py'));
  await mkdir(path.join(tests, 'dat', 'b'), { recursive: true });
  await writeFile(path.join(tests, 'dat', 'a.txt'), 'one\n');
  await writeFile(path.join(tests, 'dat', 'b', 'c.txt'), 'two\n');
  return folder;
}
