import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync } from 'node:fs';
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { DatabaseProject, DatabaseEnvironment } from '../../src/database/databaseProject.ts';
import { ensureDatabase, stopDatabase } from '../../src/database/database.ts';
import { askAirflow } from './support/airflow.ts';
import { environmentOf, inChild, makeHome, OPTIONS, type Home } from './support/harness.ts';
import { postgresProcesses } from './support/processes.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const USER = 'devenv-test-user';
const environment = environmentOf(3);
let home: Home;
let user = { uid: 0, gid: 0 };
let project: DatabaseProject | undefined;

beforeAll(async () => {
  expect(process.getuid?.(), 'this test changes users: run it as root').toBe(0);
  expect(existsSync(environment.python), `this test needs ${environment.python}`).toBe(true);
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', USER], { stdio: 'pipe' });
  } catch (error) {
    if (!String(error).includes('already exists')) throw error;
  }
  const id = (what: string): number => Number(execFileSync('id', [what, USER], { encoding: 'utf8' }));
  user = { uid: id('-u'), gid: id('-g') };
  home = await makeHome();
});

afterEach(async () => {
  if (project !== undefined) await stopDatabase(home.context, project);
});

afterAll(async () => {
  await home.remove();
  execFileSync('userdel', [USER], { stdio: 'pipe' });
});

it('under root the server runs as another user, below folders that only root may enter', async () => {
  chmodSync(home.directory, 0o700);
  project = await home.project('of-root');
  const { url } = await ensureDatabase(home.context, project, environment, OPTIONS);
  expect(await askAirflow(environment, url)).toMatchObject({ sync: 1, migrated: true });
  const servers = await postgresProcesses(home.directory);
  expect(servers.length).toBeGreaterThan(1);
  expect(servers.map((each) => each.uid)).not.toContain(0);
});

it('under root in the project of somebody else, the server runs as that person', async () => {
  project = await home.project('of-somebody');
  chownSync(project.root, user.uid, user.gid);
  await ensureDatabase(home.context, project, environment, OPTIONS);
  const servers = await postgresProcesses(project.root);
  expect(new Set(servers.map((each) => each.uid))).toEqual(new Set([user.uid]));
  expect((await stat(path.join(project.stateDirectory, 'postgres/data'))).uid).toBe(user.uid);
});

it('an ordinary user runs the server as themselves', async () => {
  const own = await makeHome();
  try {
    const mine = await own.project('mine');
    for (const folder of [own.directory, mine.root]) chownSync(folder, user.uid, user.gid);
    const identity = ['--reuid', String(user.uid), '--regid', String(user.gid), '--init-groups'];
    const asUser = ['setpriv', ...identity, '--inh-caps=-all', '--no-new-privs'];
    const reachable = await environmentFor(own, asUser);
    const request = { work: 'ensure', project: mine, environment: reachable, options: OPTIONS } as const;
    const first = await inChild(own, request, asUser);
    expect(first).toMatchObject({ created: true, uid: user.uid });
    expect(new Set((await postgresProcesses(own.directory)).map((each) => each.uid))).toEqual(
      new Set([user.uid]),
    );
    expect(await inChild(own, request, asUser)).toMatchObject({ created: false });
    expect(await inChild(own, { ...request, work: 'stop' }, asUser)).toMatchObject({ stopped: true });
    expect(await postgresProcesses(own.directory)).toEqual([]);
  } finally {
    await own.remove();
  }
});

/** The environment's interpreter may lie in /root: then the same packages with an interpreter that does not. */
async function environmentFor(own: Home, asUser: readonly string[]): Promise<DatabaseEnvironment> {
  if (canRun(asUser, environment.python)) return environment;
  const [library = ''] = await readdir(path.join(environment.directory, 'lib'));
  const python = `/usr/bin/${library}`;
  expect(canRun(asUser, python), `this test needs ${environment.python} or ${python} open to all users`).toBe(
    true,
  );
  const directory = path.join(own.directory, 'venv');
  await mkdir(path.join(directory, 'bin'), { recursive: true });
  await mkdir(path.join(directory, 'lib', library), { recursive: true });
  await symlink(python, path.join(directory, 'bin/python'));
  await writeFile(path.join(directory, 'pyvenv.cfg'), 'home = /usr/bin\n');
  const packages = path.join('lib', library, 'site-packages');
  // Links to the files themselves: the folders above may be open to root only.
  execFileSync('cp', ['-al', path.join(environment.directory, packages), path.join(directory, packages)]);
  return { ...environment, directory, python: path.join(directory, 'bin/python') };
}

function canRun(asUser: readonly string[], python: string): boolean {
  // The shell between, because setpriv gives its capabilities up only as it starts a program.
  const [file, ...words] = [...asUser, 'sh', '-c', '"$0" -c ""', python] as const;
  return spawnSync(file, [...words]).status === 0;
}
