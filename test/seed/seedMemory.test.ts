import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  forgetSeeds,
  hasSeededOthers,
  isNeverSeeded,
  readMemory,
  readSecretFields,
  writeMemory,
} from '../../src/seed/seedMemory.ts';

const MEMORY = { variable: new Map([['team', 'hash']]), connection: new Map(), pool: new Map() };
const SECRET = { variable: new Map([['__proto__', ['value']]]), connection: new Map(), pool: new Map() };

test('what was seeded into one database is forgotten when that one is emptied', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-memory-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  expect(await isNeverSeeded(directory, 'airflow_3_3')).toBe(true);
  await forgetSeeds(directory, 'airflow_3_3');
  await writeMemory(directory, 'airflow_3_3', MEMORY, SECRET);
  await writeMemory(directory, 'airflow_2_11', MEMORY, SECRET);
  await forgetSeeds(directory, 'airflow_3_3');
  expect(await isNeverSeeded(directory, 'airflow_3_3')).toBe(true);
  expect(await readMemory(directory, 'airflow_2_11')).toEqual(MEMORY);
  // A snapshot may have its rows.
  expect(await readSecretFields(directory)).toEqual(SECRET);
});

test('a database that was never seeded remembers what the one it was copied from had', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'devenv-memory-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeMemory(directory, 'airflow_3_2', { ...MEMORY, state: { wanted: 'w', rows: 'r' } }, SECRET);
  expect(await readMemory(directory, 'airflow_3_3')).toEqual(MEMORY);
  expect(await hasSeededOthers(directory, 'airflow_3_3')).toBe(true);
  expect(await hasSeededOthers(directory, 'airflow_3_2')).toBe(false);
});
