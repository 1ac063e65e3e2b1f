import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { AirflowApi } from '../../src/airflow/restApi/airflowApi.ts';
import { brokenPlugins, withBrokenPlugins } from '../../src/stack/brokenPlugins.ts';

test('what could not be loaded stands before the import errors of DAG files', async () => {
  const state = await mkdtemp(path.join(tmpdir(), 'broken-plugins-'));
  const airflow: Pick<AirflowApi, 'importErrors'> = {
    importErrors: async () => [{ file: 'dags/a.py', text: 'NameError: x' }],
  };
  const api = withBrokenPlugins(airflow as AirflowApi, state);
  expect((await api.importErrors()).map(({ file }) => file)).toEqual(['dags/a.py']);
  const errors = [{ file: '/work/plugins/reports.py', line: 2, message: 'ImportError: no' }];
  await writeFile(path.join(state, 'broken-plugins.json'), JSON.stringify({ version: 1, errors }));
  expect(await brokenPlugins(state)).toEqual(errors);
  expect(await api.importErrors()).toEqual([
    {
      file: '/work/plugins/reports.py',
      text: '  File "/work/plugins/reports.py", line 2, in <module>\nImportError: no',
    },
    { file: 'dags/a.py', text: 'NameError: x' },
  ]);
});

test('a file that is none of ours, or half written, counts as none', async () => {
  const state = await mkdtemp(path.join(tmpdir(), 'broken-plugins-'));
  for (const text of ['{', '{"version": 2, "errors": [{}]}'])
    await writeFile(path.join(state, 'broken-plugins.json'), text).then(async () =>
      expect(await brokenPlugins(state)).toEqual([]),
    );
});
