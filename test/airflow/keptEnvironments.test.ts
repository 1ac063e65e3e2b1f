import { mkdir, readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { recordFile, writeRecord } from '../../src/airflow/environmentRecord.ts';
import { keptEnvironments, noteUse, removeEnvironment } from '../../src/airflow/keptEnvironments.ts';
import { testContext } from './testContext.ts';

test('environments are listed by their last use, which is noted once a day, and removed as a whole', async () => {
  const context = await testContext();
  const parent = path.join(context.cache, 'environments');
  const fields = { version: 1, fingerprint: 'f', pythonVersion: '3.11.7', python: 'bin/python' } as const;
  for (const airflowVersion of ['3.3.2', '2.11.2']) {
    const directory = path.join(parent, `airflow-${airflowVersion}`);
    await mkdir(directory, { recursive: true });
    const manifest = { files: 1, bytes: 2 };
    await writeRecord(directory, {
      ...fields,
      airflowVersion,
      manifest,
      watched: [],
      stamp: '',
      moved: [],
      leftOut: [],
    });
  }
  await mkdir(path.join(parent, '.building-x'));
  const old = path.join(parent, 'airflow-3.3.2');
  await utimes(recordFile(old), 1, 1);
  const versions = () => keptEnvironments(context).map(({ airflowVersion }) => airflowVersion);
  expect(versions()).toEqual(['2.11.2', '3.3.2']);
  noteUse(old, Date.now() + 60_000);
  expect(versions()).toEqual(['3.3.2', '2.11.2']);
  await removeEnvironment(context, old);
  expect(versions()).toEqual(['2.11.2']);
  expect((await readdir(parent)).filter((name) => name.startsWith('.old'))).toEqual([]);
});
