import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { databaseIsUp, ensureDatabase } from '../../src/database/database.ts';
import { askAirflow, downgrade } from './support/airflow.ts';
import { environmentOf, inChild, makeHome, OPTIONS, type Home } from './support/harness.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let home: Home;
beforeAll(async () => {
  home = await makeHome();
});
afterAll(() => home.remove());

it.each([3, 2] as const)(
  'Airflow %i finds its SQLite database migrated; the next project copies it',
  async (line) => {
    const environment = environmentOf(line);
    expect(existsSync(environment.python), `this test needs ${environment.python}`).toBe(true);
    const project = await home.project(`ü first ${line}`, 'sqlite');
    const first = await ensureDatabase(home.context, project, environment, OPTIONS);
    expect(first.created).toBe(true);
    expect(await askAirflow(environment, first.url)).toMatchObject({ sync: 1, migrated: true });
    expect(await ensureDatabase(home.context, project, environment, OPTIONS)).toMatchObject({
      created: false,
    });
    const prepared = home.events.length;
    const second = await home.project(`second ${line}`, 'sqlite');
    expect(await ensureDatabase(home.context, second, environment, OPTIONS)).toMatchObject({ created: true });
    expect(home.events.length).toBe(prepared);
    expect(await databaseIsUp(home.context, second)).toBe(true);
  },
);

it('five processes at once get one file', async () => {
  const project = await home.project('at-once', 'sqlite');
  const request = { work: 'ensure', project, environment: environmentOf(3), options: OPTIONS } as const;
  const answers = await Promise.all(Array.from({ length: 5 }, () => inChild(home, request)));
  expect(answers.map((answer) => answer.created).filter(Boolean)).toHaveLength(1);
  expect((await readdir(path.join(project.stateDirectory, 'sqlite'))).toSorted()).toEqual([
    'airflow_3_3.db',
    'airflow_3_3.db.json',
  ]);
});

it('migrates a file of an older release and keeps it; leaves one of a newer release alone', async () => {
  const environment = environmentOf(3);
  const project = await home.project('older', 'sqlite');
  const { url } = await ensureDatabase(home.context, project, environment, OPTIONS);
  const folder = path.join(project.stateDirectory, 'sqlite');
  await downgrade(environment, url);
  const memory = path.join(folder, 'airflow_3_3.db.json');
  const remembered = await readFile(memory, 'utf8');
  await writeFile(memory, JSON.stringify({ version: 1, revision: '9ff64e1c35d3' }));
  await ensureDatabase(home.context, project, environment, OPTIONS);
  expect(await askAirflow(environment, url)).toMatchObject({ migrated: true });
  expect(await readdir(folder)).toContain('airflow_3_3_before_3.3.2.db');
  expect(await readFile(memory, 'utf8')).toBe(remembered);

  await writeFile(memory, JSON.stringify({ version: 1, revision: 'fedcba987654' }));
  await expect(ensureDatabase(home.context, project, environment, OPTIONS)).rejects.toMatchObject({
    code: 'database_newer_than_airflow',
  });
});
