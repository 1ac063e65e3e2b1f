import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hiddenRows } from '../../src/seed/hiddenRows.ts';
import { writeMemory } from '../../src/seed/seedMemory.ts';

test('environment variables that hide seeded rows are named', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-hidden-rows-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const memory = {
    variable: new Map([
      ['region', 'hash'],
      ['other', 'hash'],
    ]),
    connection: new Map([['Api', 'hash']]),
    pool: new Map([['region', 'hash']]),
  };
  await writeMemory(directory, 'airflow_3_3', memory, {
    variable: new Map(),
    connection: new Map(),
    pool: new Map(),
  });
  const env = { AIRFLOW_VAR_REGION: 'eu', AIRFLOW_CONN_API: 'http://h', AIRFLOW_VAR_UNSEEDED: '1' };
  expect(await hiddenRows(directory, 'airflow_3_3', env)).toEqual(['AIRFLOW_VAR_REGION', 'AIRFLOW_CONN_API']);
  expect(await hiddenRows(directory, 'airflow_3_3', {})).toEqual([]);
});
