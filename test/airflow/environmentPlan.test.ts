import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ensureEnvironment } from '../../src/airflow/environment.ts';
import { environmentPlans, planEnvironment } from '../../src/airflow/environmentPlan.ts';
import { environmentStamp, writeRecord } from '../../src/airflow/environmentRecord.ts';
import { basePins, readPins, shippedLock, shippedVersions } from '../../src/airflow/locks.ts';
import { testContext, type TestContext } from './testContext.ts';

const LOCKED = {
  '3.3.2': '3.10 3.11 3.12 3.13 3.14',
  '3.2.2': '3.10 3.11 3.12 3.13 3.14',
  '3.1.8': '3.10 3.11 3.12 3.13',
  '2.11.2': '3.10 3.11 3.12',
};

let context: TestContext;
beforeEach(async () => {
  context = await testContext();
});

async function fingerprintOf(folder: string, text: string): Promise<string | undefined> {
  const file = path.join(context.cache, folder, 'requirements.txt');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return planEnvironment(context, { airflowVersion: '3.3.2', requirements: [file] }, '3.11')?.fingerprint;
}

test('locks come for the last patch of each minor, on every Python that it supports, and hold the Airflow they are named after', () => {
  expect(shippedVersions()).toEqual(Object.keys(LOCKED));
  for (const [version, minors] of Object.entries(LOCKED)) {
    for (const minor of minors.split(' ')) {
      const file = shippedLock(version, minor) ?? '';
      const pins = readPins(file, minor);
      expect(pins.get('apache-airflow')).toBe(version);
      // Providers that only an author asks for have a version, too, one that goes with the rest.
      expect(Number(pins.get('apache-airflow-providers-google')?.split('.')[0])).toBeGreaterThanOrEqual(15);
      expect(Number(pins.get('protobuf')?.split('.')[0])).toBeLessThan(7);
      const base = basePins(file, minor);
      expect(base).toContain(`apache-airflow==${version}`);
      expect(base.some((line) => line.startsWith('psycopg2-binary=='))).toBe(true);
      expect(base.filter((line) => /^(gssapi|krb5|apache-airflow-providers-google)==/.test(line))).toEqual(
        [],
      );
    }
    expect(shippedLock(version, '3.7')).toBeUndefined();
  }
});

test('the fingerprint follows what is installed, not how the file is written', async () => {
  const one = await fingerprintOf('a', 'requests\n');
  expect(await fingerprintOf('a', '# why\nrequests   # because\n\n')).toBe(one);
  expect(await fingerprintOf('b', 'requests\n')).toBe(one);
  expect(await fingerprintOf('a', 'requests>2\n')).not.toBe(one);
});

test('a requirement that is a folder makes the environment the project’s own', async () => {
  expect(await fingerprintOf('a', '-e .\n')).not.toBe(await fingerprintOf('b', '-e .\n'));
});

test('an included file counts', async () => {
  await writeFile(path.join(context.cache, 'more.txt'), 'one\n');
  const before = await fingerprintOf('a', '-r ../more.txt\n');
  await writeFile(path.join(context.cache, 'more.txt'), 'two\n');
  expect(await fingerprintOf('a', '-r ../more.txt\n')).not.toBe(before);
});

test('a file of comments alone is as good as none', async () => {
  const file = path.join(context.cache, 'requirements.txt');
  await writeFile(file, '# nothing yet\n');
  const none = planEnvironment(context, { airflowVersion: '3.3.2', requirements: [] }, '3.11');
  expect(planEnvironment(context, { airflowVersion: '3.3.2', requirements: [file] }, '3.11')).toEqual(none);
});

test('Python versions and Airflow versions have environments of their own', () => {
  const plans = [
    planEnvironment(context, { airflowVersion: '3.3.2', requirements: [] }, '3.11'),
    planEnvironment(context, { airflowVersion: '3.3.2', requirements: [] }, '3.12'),
    planEnvironment(context, { airflowVersion: '2.11.2', requirements: [] }, '3.12'),
  ];
  expect(new Set(plans.map((plan) => plan?.directory)).size).toBe(3);
});

test('there is no plan for another version before its constraints are here', async () => {
  const request = { airflowVersion: '3.1.0', requirements: [] };
  expect(planEnvironment(context, request, '3.11')).toBeUndefined();
  const file = path.join(context.cache, 'constraints', 'airflow-3.1.0-python3.11.txt');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'apache-airflow-core==3.1.0\n');
  expect(planEnvironment(context, request, '3.11')?.lock).toEqual({ kind: 'release', file });
  const worked = file.replace('.txt', '-index.txt');
  await writeFile(worked, 'apache-airflow-core==3.1.0\nnumpy==2.0.0\n');
  expect(environmentPlans(context, request, '3.11').map(({ lock }) => lock.file)).toEqual([file, worked]);
});

test('an environment that was made from the index is used without asking, also when the official file is here', async () => {
  vi.stubGlobal('fetch', () => expect.unreachable('the network is asked'));
  onTestFinished(() => void vi.unstubAllGlobals());
  const worked = path.join(context.cache, 'constraints', 'airflow-3.1.0-python3.11-index.txt');
  await mkdir(path.dirname(worked), { recursive: true });
  await writeFile(worked, 'apache-airflow-core==3.1.0\nnumpy==2.0.0\n');
  await utimes(worked, 1, 1);
  const request = { airflowVersion: '3.1.0', python: '3.11', requirements: [] };
  const { directory, fingerprint } = planEnvironment(context, request, '3.11')!;
  await mkdir(path.join(directory, 'bin'), { recursive: true });
  await mkdir(path.join(directory, 'lib/python3.11/site-packages'), { recursive: true });
  await writeFile(path.join(directory, 'bin/python'), '');
  await writeRecord(directory, {
    ...{ version: 1, fingerprint, airflowVersion: '3.1.0', pythonVersion: '3.11.7', python: 'bin/python' },
    ...{ manifest: { files: 1, bytes: 2 }, watched: [], moved: [], leftOut: [] },
    stamp: environmentStamp(directory, '3.11', [])!,
  });

  expect((await ensureEnvironment(context, request)).directory).toBe(directory);
  await writeFile(worked.replace('-index', ''), 'apache-airflow-core==3.1.0\n');
  expect((await ensureEnvironment(context, request)).directory).toBe(directory);
});

test("a lock of the author's is enough to plan with, needs no constraints of the release, and is part of what is made", async () => {
  const projectLock = path.join(context.cache, 'uv.lock');
  await mkdir(context.cache, { recursive: true });
  const request = { airflowVersion: '2.10.1', requirements: [], projectLock };
  const planOf = async (text: string) => {
    await writeFile(projectLock, text);
    return planEnvironment(context, request, '3.11');
  };
  const plan = await planOf('[[package]]\nname = "apache-airflow"\nversion = "2.10.1"\n');
  expect(plan?.lock.file).toBe(projectLock);
  expect((await planOf('[[package]]\nname = "flask"\nversion = "2.2"\n'))?.fingerprint).not.toBe(
    plan?.fingerprint,
  );
});
