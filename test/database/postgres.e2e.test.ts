import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseIsUp, ensureDatabase, stopDatabase } from '../../src/database/database.ts';
import type { DatabaseProject } from '../../src/database/databaseProject.ts';
import { withConnection } from '../../src/database/sql.ts';
import { environmentOf, inChild, makeHome, OPTIONS, type Home } from './support/harness.ts';
import { killAll, killPostmaster, postgresProcesses, startIdleServer } from './support/processes.ts';
import { askAirflow, downgrade } from './support/airflow.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const v3 = environmentOf(3);
const v2 = environmentOf(2);
let home: Home;
const projects: DatabaseProject[] = [];

beforeAll(async () => {
  for (const { python } of [v3, v2]) {
    expect(existsSync(python), `this test needs a virtual environment with Airflow: ${python}`).toBe(true);
  }
  home = await makeHome();
});

afterEach(async () => {
  for (const project of projects.splice(0)) await stopDatabase(home.context, project);
});

afterAll(async () => {
  const left = await postgresProcesses(home.directory);
  await home.remove();
  expect(left).toEqual([]);
});

async function newProject(name: string): Promise<DatabaseProject> {
  const project = await home.project(name);
  projects.push(project);
  return project;
}

function ensure(project: DatabaseProject, environment = v3) {
  return ensureDatabase(home.context, project, environment, OPTIONS);
}

async function addRow(socketDirectory: string | undefined, key: string): Promise<void> {
  await withConnection(socketDirectory ?? '', 'airflow_3_3', async (query) => {
    await query(`insert into variable (key, val, is_encrypted) values ($1, 'x', false)`, [key]);
  });
}

async function rowKeys(socketDirectory: string | undefined): Promise<unknown[]> {
  return withConnection(socketDirectory ?? '', 'airflow_3_3', async (query) => {
    return (await query('select key from variable order by key')).map((row) => row['key']);
  });
}

async function databaseNames(socketDirectory: string | undefined): Promise<string[]> {
  return withConnection(socketDirectory ?? '', 'postgres', async (query) => {
    const rows = await query(`select datname from pg_database where datname like 'airflow%' order by 1`);
    return rows.map((row) => String(row['datname']));
  });
}

describe('a new project', () => {
  it('five processes at once, with nothing made before, get one database', async () => {
    const project = await newProject('at-once');
    const request = { work: 'ensure', project, environment: v3, options: OPTIONS } as const;
    const answers = await Promise.all(Array.from({ length: 5 }, () => inChild(home, request)));
    expect(answers.map((answer) => answer.created).filter(Boolean)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.url)).size).toBe(1);
    expect(await postgresProcesses(home.directory, 'postmaster')).toHaveLength(1);
    expect(await databaseIsUp(home.context, project)).toBe(true);
  });

  it('is one that Airflow finds migrated, by both of its drivers', async () => {
    const { url, created } = await ensure(await newProject('drivers'));
    expect(created).toBe(true);
    expect(await askAirflow(v3, url)).toEqual({ sync: 1, async: 1, migrated: true });
  });

  it('gets Airflow 2 as well, in a database beside the other', async () => {
    const project = await newProject('both-lines');
    const first = await ensure(project);
    await addRow(first.socketDirectory, 'kept');
    const second = await ensure(project, v2);
    expect(second).toMatchObject({ name: 'airflow_2_11', created: true });
    expect(await askAirflow(v2, second.url)).toMatchObject({ sync: 1, migrated: true });
    expect(await ensure(project)).toMatchObject({ name: 'airflow_3_3', created: false });
    expect(await rowKeys(first.socketDirectory)).toEqual(['kept']);
  });

  it('may lie in a folder with spaces and letters of any kind', async () => {
    const project = await newProject(`my "proj'ect", näïve 日本`);
    const { url, socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'ключ');
    expect(await askAirflow(v3, url)).toMatchObject({ sync: 1, migrated: true });
    expect(await stopDatabase(home.context, project)).toBe(true);
    await ensure(project);
    expect(await rowKeys(socketDirectory)).toEqual(['ключ']);
  });

  it('is open to nobody else', async () => {
    const project = await newProject('private');
    const { socketDirectory } = await ensure(project);
    for (const folder of [
      project.stateDirectory,
      path.join(project.stateDirectory, 'postgres/data'),
      socketDirectory,
    ]) {
      expect((await stat(folder ?? '')).mode & 0o077, folder).toBe(0);
    }
    expect((await stat(path.join(project.stateDirectory, 'logs/postgres.log'))).mode & 0o077).toBe(0);
    const settings = await withConnection(socketDirectory ?? '', 'postgres', (query) =>
      query('show listen_addresses'),
    );
    expect(settings).toEqual([{ listen_addresses: '' }]);
  });

  it('is made when the seed in the cache lost half of its files', async () => {
    await ensure(await newProject('before-damage'));
    const seeds = path.join(home.directory, 'cache/postgres/seeds');
    const seed =
      (await readdir(seeds)).find((name) => name.includes('3.3.2') && !name.endsWith('.lock')) ?? '';
    rmSync(path.join(seeds, seed, 'data/base'), { recursive: true });
    expect(await ensure(await newProject('after-damage'))).toMatchObject({ created: true });
  });
});

describe('after a crash', () => {
  it('of the server, all committed rows are there', async () => {
    const project = await newProject('killed');
    const { socketDirectory } = await ensure(project);
    const keys = Array.from({ length: 200 }, (_, index) => `key-${String(index).padStart(3, '0')}`);
    for (const key of keys) await addRow(socketDirectory, key);
    await killPostmaster(home.directory);
    expect(await databaseIsUp(home.context, project)).toBe(false);
    expect(await ensure(project)).toMatchObject({ created: false });
    expect(await rowKeys(socketDirectory)).toEqual(keys);
  });

  it('of the server and its processes together, all committed rows are there', async () => {
    const project = await newProject('all-killed');
    const { socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'last');
    await killAll(home.directory);
    await ensure(project);
    expect(await rowKeys(socketDirectory)).toEqual(['last']);
  });

  it('of the server while a statement runs on, the statement is ended and no second server starts', async () => {
    const project = await newProject('busy');
    const { socketDirectory } = await ensure(project);
    const busy = withConnection(socketDirectory ?? '', 'airflow_3_3', (query) =>
      query(`do $$ begin loop perform 1; end loop; end $$`),
    ).catch((error: unknown) => error);
    await vi.waitFor(async () => {
      const names = (await postgresProcesses(home.directory)).map((each) => each.command.join(' '));
      expect(
        names.some((name) => name.endsWith(' DO')),
        names.join('\n'),
      ).toBe(true);
    }, 10_000);
    await killPostmaster(home.directory);
    await ensure(project);
    expect(await busy).toBeInstanceOf(Error);
    expect(await postgresProcesses(home.directory, 'postmaster')).toHaveLength(1);
  });

  it('a pid in postmaster.pid that now belongs to another process does not matter, and that process lives', async () => {
    const project = await newProject('stale');
    const { socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'kept');
    await killAll(home.directory);
    const other = startIdleServer();
    try {
      const file = path.join(project.stateDirectory, 'postgres/data/postmaster.pid');
      const [, ...lines] = (await readFile(file, 'utf8')).split('\n');
      await writeFile(file, [String(other.pid), ...lines].join('\n'));
      await ensure(project);
      expect(await rowKeys(socketDirectory)).toEqual(['kept']);
      expect(other.exitCode).toBeNull();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('a removed socket folder comes back', async () => {
    const project = await newProject('no-socket');
    const { socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'kept');
    rmSync(path.join(home.directory, 'run'), { recursive: true });
    await ensure(project);
    expect(await rowKeys(socketDirectory)).toEqual(['kept']);
    expect(await postgresProcesses(home.directory, 'postmaster')).toHaveLength(1);
  });

  it('a project that was moved while its server ran has one server and its rows', async () => {
    const project = await newProject('here');
    const { socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'kept');
    await rename(project.root, path.join(home.directory, 'there'));
    const moved = await newProject('there');
    const now = await ensure(moved);
    expect(await rowKeys(now.socketDirectory)).toEqual(['kept']);
    expect(await postgresProcesses(home.directory, 'postmaster')).toHaveLength(1);
  });

  it('of devenv in the middle of the first preparation, the next one finishes it', async () => {
    const fresh = await makeHome();
    try {
      const project = await fresh.project('interrupted');
      const request = { work: 'ensure', project, environment: v3, options: OPTIONS } as const;
      const building = inChild(fresh, request).catch((error: unknown) => error);
      await vi.waitFor(
        async () => {
          expect(await postgresProcesses(fresh.directory, 'postmaster')).toHaveLength(1);
        },
        { timeout: 20_000, interval: 20 },
      );
      await killAll(fresh.directory, 'ensureInChild.ts');
      expect(await building).toBeInstanceOf(Error);
      expect(await inChild(fresh, request)).toMatchObject({ created: true });
      await inChild(fresh, { ...request, work: 'stop' });
      expect(await postgresProcesses(fresh.directory)).toEqual([]);
      const left = await readdir(path.join(fresh.directory, 'cache/postgres/seeds'));
      expect(left.filter((name) => name.endsWith('.building'))).toEqual([]);
    } finally {
      await fresh.remove();
    }
  });

  it('a half deleted copy of the binaries is made again', async () => {
    const project = await newProject('binaries');
    const { socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'kept');
    await stopDatabase(home.context, project);
    const copies = path.join(home.directory, 'cache/postgres');
    const version = (await readdir(copies)).find((name) => /^\d+\.[^/]*\d$/.test(name)) ?? '';
    rmSync(path.join(copies, version, 'lib'), { recursive: true });
    await ensure(project);
    expect(await rowKeys(socketDirectory)).toEqual(['kept']);
  });
});

describe('a database of another patch release', () => {
  it('is migrated when it is older, and a copy of it as it was is kept', async () => {
    const project = await newProject('older');
    const { url, socketDirectory } = await ensure(project);
    await addRow(socketDirectory, 'kept');
    await downgrade(v3, url);
    await ensure(project);
    expect(await askAirflow(v3, url)).toMatchObject({ migrated: true });
    expect(await rowKeys(socketDirectory)).toEqual(['kept']);
    expect(await databaseNames(socketDirectory)).toContain('airflow_3_3_before_3_3_2');
  });

  it('is left alone when it is newer, and the message says so', async () => {
    const project = await newProject('newer');
    const { socketDirectory } = await ensure(project);
    await withConnection(socketDirectory ?? '', 'airflow_3_3', (query) =>
      query(`update alembic_version set version_num = 'fedcba987654'`),
    );
    await expect(ensure(project)).rejects.toMatchObject({ code: 'database_newer_than_airflow' });
    expect(await databaseNames(socketDirectory)).not.toContain('airflow_3_3_before_3_3_2');
  });

  it('is not copied under the hands of a stranger: the message names the connection', async () => {
    const project = await newProject('in-use');
    const { url, socketDirectory } = await ensure(project);
    await downgrade(v3, url);
    await withConnection(socketDirectory ?? '', 'airflow_3_3', async (query) => {
      await query(`set application_name = 'my notebook'`);
      await expect(ensure(project)).rejects.toMatchObject({
        code: 'database_in_use',
        why: expect.stringContaining('my notebook') as string,
      });
    });
    expect(await ensure(project)).toMatchObject({ created: false });
  });
});

it('says what to do when the data is of another Postgres', async () => {
  const project = await newProject('other-format');
  const data = path.join(project.stateDirectory, 'postgres/data');
  await mkdir(data, { recursive: true });
  await writeFile(path.join(data, 'PG_VERSION'), '16\n');
  await expect(ensure(project)).rejects.toMatchObject({ code: 'database_format_unknown' });
});
