import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { forgetSeeds, isNeverSeeded, readMemory, writeMemory } from '../../src/seed/seedMemory.ts';

const MEMORY = { variable: { team: 'hash' }, connection: {}, pool: {} };

test('what was seeded into one database is forgotten when that one is emptied', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-memory-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  expect(await isNeverSeeded(directory, 'airflow_3_3')).toBe(true);
  await forgetSeeds(directory, 'airflow_3_3');
  await writeMemory(directory, 'airflow_3_3', MEMORY);
  await writeMemory(directory, 'airflow_2_11', MEMORY);
  await forgetSeeds(directory, 'airflow_3_3');
  expect(await isNeverSeeded(directory, 'airflow_3_3')).toBe(true);
  expect(await readMemory(directory, 'airflow_2_11')).toEqual(MEMORY);
});
