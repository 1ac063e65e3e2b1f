import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { oneTaskDag } from './support/dags.ts';
import { onDatabase, rowsOf } from './support/database.ts';
import { createProject, type Result, type TestProject } from './support/project.ts';
import { apiOf, stackOf, triggerToEnd, up } from './support/stack.ts';

const QUICK = { 'dags/quick.py': oneTaskDag('quick', 'return 1') };
const AIRFLOW = '3.3.2';

async function newProject(database: 'postgres' | 'sqlite' = 'postgres'): Promise<TestProject> {
  const project = await createProject({ airflow: AIRFLOW, files: QUICK, database });
  ok(await project.devenv(['run-dag', '-q', 'dags/quick.py']));
  return project;
}

function ok(result: Result): Result {
  if (result.code === 0) return result;
  throw new Error(`exit ${result.code}\n${result.stdout}\n${result.stderr}`);
}

const setVariable = async (project: TestProject, key: string, value: string): Promise<unknown> =>
  ok(await project.devenv(['airflow', 'variables', 'set', key, value]));
const getVariable = async (project: TestProject, key: string): Promise<string> =>
  (await project.devenv(['airflow', 'variables', 'get', key])).stdout.trim();

async function names(project: TestProject): Promise<string[]> {
  const result = ok(await project.devenv(['snapshot', 'list', '--json']));
  return (JSON.parse(result.stdout) as { snapshots: { name: string }[] }).snapshots.map((each) => each.name);
}

const folderOf = (project: TestProject): string => path.join(project.root, '.devenv/snapshots');

test.each(['postgres', 'sqlite'] as const)(
  '%s: what was encrypted then is read after a restore',
  async (kind) => {
    await using project = await newProject(kind);
    await setVariable(project, 'token', 'v1-s3cret');
    const saved = ok(await project.devenv(['snapshot', 'save', 'monday']));
    expect(saved.stdout).toMatch(/^monday: \d+ (kB|MB) copied in /);
    expect((await project.devenv(['snapshot', 'save', 'monday'])).code).toBe(2);
    await setVariable(project, 'token', 'v2-s3cret');
    await setVariable(project, 'second', 'v2-s3cret');
    const diff = ok(await project.devenv(['snapshot', 'diff', 'monday']));
    expect(diff.stdout).toMatch(/variable\s+1\s+2\s+\+1/);
    expect(diff.stdout).toContain('+ variables: second');
    expect(diff.stdout).toContain('~ variables: token');
    const restored = ok(await project.devenv(['snapshot', 'restore', 'monday']));
    const previous = /as it was: snapshot (\S+)/.exec(restored.stdout)?.[1] ?? '';
    expect(await getVariable(project, 'token')).toBe('v1-s3cret');
    // It goes on from there: runs, and back again.
    ok(await project.devenv(['run-dag', '-q', 'dags/quick.py']));
    ok(await project.devenv(['snapshot', 'restore', previous]));
    expect(await getVariable(project, 'token')).toBe('v2-s3cret');
    expect(await getVariable(project, 'second')).toBe('v2-s3cret');
    expect([saved, diff, restored].map((each) => each.stdout + each.stderr).join()).not.toContain('s3cret');
    const keys = path.join(folderOf(project), 'monday', 'keys.json');
    expect((await stat(keys)).mode & 0o777).toBe(0o600);
    expect(await readFile(keys, 'utf8')).toBe(
      await readFile(path.join(project.root, '.devenv/keys.json'), 'utf8'),
    );
    ok(await project.devenv(['snapshot', 'delete', 'monday']));
    expect(await names(project)).not.toContain('monday');
    expect((await project.devenv(['snapshot', 'restore', 'monday'])).code).toBe(2);
  },
);

/** What kill -9 may leave: the one or the other, and nothing half made after the next command. */
test('kill -9 at ten points of save and of restore: as before or as after', async () => {
  await using project = await newProject();
  const mark = (value: string) =>
    onDatabase(project, AIRFLOW, (query) =>
      query(
        `insert into variable (key, val, is_encrypted) values ('mark', $1, false)
         on conflict (key) do update set val = excluded.val`,
        [value],
      ),
    );
  const marked = async () =>
    (
      await onDatabase(project, AIRFLOW, (query) => query("select val from variable where key = 'mark'"))
    )[0]?.['val'];
  const clean = async () => {
    const databases = await onDatabase(project, AIRFLOW, (query) =>
      query("select datname from pg_database where datname ~ '^(restoring|snapshot)_' order by 1"),
    );
    const left = (await readdir(folderOf(project))).filter(
      (name) => name.startsWith('.') || name.endsWith('.json'),
    );
    expect(left).toEqual([]);
    expect(databases).toHaveLength((await names(project)).length);
  };
  await mark('old');
  const whole = ok(await project.devenv(['snapshot', 'save', 'old']));
  const rows = await rowsOf(project, AIRFLOW);
  for (let point = 1; point <= 10; point += 1) {
    const killed = project.start(['snapshot', 'save', 'half']);
    await sleep((whole.milliseconds * point) / 10);
    killed.kill('SIGKILL');
    await killed.ended;
    // Whatever comes next settles it.
    ok(await project.devenv(['snapshot', 'save', 'next', '--replace']));
    await clean();
    if ((await names(project)).includes('half')) ok(await project.devenv(['snapshot', 'delete', 'half']));
    expect(await rowsOf(project, AIRFLOW), `save, point ${point}`).toEqual(rows);
  }
  await mark('new');
  const restore = ok(await project.devenv(['snapshot', 'restore', 'old']));
  for (let point = 1; point <= 10; point += 1) {
    await mark('new');
    const killed = project.start(['snapshot', 'restore', 'old']);
    await sleep((restore.milliseconds * point) / 10);
    killed.kill('SIGKILL');
    await killed.ended;
    const found = await marked();
    expect(['old', 'new'], `restore, point ${point}`).toContain(found);
    expect(await rowsOf(project, AIRFLOW), `restore, point ${point}`).toEqual(rows);
    ok(await project.devenv(['snapshot', 'save', 'next', '--replace']));
    await clean();
    expect(await marked(), 'the next command does not turn it round').toBe(found);
  }
});

test('a stack that runs is asked for, stopped for so long, and healthy after', async () => {
  await using project = await newProject();
  await up(project);
  const refused = await project.devenv(['snapshot', 'save', 'up']);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain('the stack uses it: scheduler');
  ok(await project.devenv(['snapshot', 'save', 'live', '--live']));
  ok(await project.devenv(['snapshot', 'save', 'up', '--yes']));
  ok(await project.devenv(['snapshot', 'restore', 'up', '--yes']));
  expect((await stackOf(project)).status).toBe('ready');
  expect((await triggerToEnd(await apiOf(project, AIRFLOW), 'quick')).state).toBe('success');
  ok(await project.devenv(['snapshot', 'restore', 'live', '--yes']));
  expect((await triggerToEnd(await apiOf(project, AIRFLOW), 'quick')).state).toBe('success');
  const reset = ok(await project.devenv(['db', 'reset', '--yes']));
  expect(reset.stdout).toMatch(/as it was: snapshot before-reset-/);
  expect((await stackOf(project)).status).toBe('ready');
  expect((await triggerToEnd(await apiOf(project, AIRFLOW), 'quick')).state).toBe('success');
});

test('another Airflow, another branch, a run in progress', async () => {
  await using project = await newProject();
  await project.write({
    'dags/long.py': oneTaskDag('long', 'time.sleep(60)'),
    '.git/HEAD': 'ref: refs/heads/feature/new-dag\n',
    '.git/refs/heads/feature/new-dag': `${'1'.repeat(40)}\n`,
    '.git/objects/info/packs': '',
    '.git/config': '[core]\n\trepositoryformatversion = 0\n',
  });
  ok(await project.devenv(['snapshot', 'save', '--on-branch']));
  ok(await project.devenv(['snapshot', 'save', '--on-branch']));
  expect(await names(project)).toEqual(['feature-new-dag']);
  // Another branch that looks the same as a name: each has its own.
  await project.write({
    '.git/HEAD': 'ref: refs/heads/feature-new-dag\n',
    '.git/refs/heads/feature-new-dag': `${'1'.repeat(40)}\n`,
  });
  ok(await project.devenv(['snapshot', 'save', '--on-branch']));
  const [, other = ''] = await names(project);
  expect(other).toMatch(/^feature-new-dag-[0-9a-f]{8}$/);
  expect((await project.devenv(['snapshot', 'rename', other, 'feature-new-dag'])).code).toBe(2);
  ok(await project.devenv(['snapshot', 'rename', other, 'mine']));
  expect(await names(project)).toEqual(['feature-new-dag', 'mine']);
  ok(await project.devenv(['snapshot', 'restore', '--on-branch']));
  ok(await project.devenv(['snapshot', 'delete', 'mine']));
  await project.write({ '.git/HEAD': 'ref: refs/heads/feature/new-dag\n' });
  ok(await project.devenv(['snapshot', 'restore', '--on-branch']));
  const record = path.join(folderOf(project), 'feature-new-dag', 'snapshot.json');
  const text = await readFile(record, 'utf8');
  await writeFile(record, text.replace('"3.3.2"', '"3.9.0"'));
  const newer = await project.devenv(['snapshot', 'restore', 'feature-new-dag']);
  expect(newer).toMatchObject({ code: 1 });
  expect(newer.stderr).toContain('newer than 3.3.2');
  await writeFile(record, text.replace('"3.3.2"', '"3.2.1"'));
  expect((await project.devenv(['snapshot', 'restore', 'feature-new-dag'])).code).toBe(2);
  const migrated = ok(await project.devenv(['snapshot', 'restore', 'feature-new-dag', '--migrate']));
  expect(migrated.stdout).toContain(', migrated');
  const run = project.start(['run-dag', '--json', 'dags/long.py']);
  await run.waitFor((output) => output.includes('task_started'));
  const refused = await project.devenv(['snapshot', 'save', 'now']);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('in progress');
  ok(await project.devenv(['snapshot', 'save', 'now', '--live']));
  run.kill('SIGINT');
  await run.ended;
});

test('a newer minor version begins with a migrated copy; the old database stays', async () => {
  await using project = await newProject();
  await setVariable(project, 'kept', 'yes');
  // As if 3.2 had made it: the name, and a revision from before.
  await onDatabase(
    project,
    AIRFLOW,
    async (query) => {
      await query("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'airflow_3_3'");
      await query('alter database airflow_3_3 rename to airflow_3_2');
    },
    'postgres',
  );
  const migrated = ok(await project.devenv(['db', 'migrate']));
  expect(migrated.stderr).toContain('Migrating a copy of airflow_3_2');
  expect(await getVariable(project, 'kept')).toBe('yes');
  const status = JSON.parse((await project.devenv(['db', 'status', '--json'])).stdout) as Record<
    string,
    unknown
  >;
  expect(status).toMatchObject({ schema: 'current', others: ['airflow_3_2'] });
  await setVariable(project, 'kept', 'no');
  const brought = ok(await project.devenv(['db', 'migrate', '--from', 'airflow_3_2']));
  expect(brought.stdout).toContain('as it was: snapshot before-migrate-');
  expect(await getVariable(project, 'kept')).toBe('yes');
  await onDatabase(project, AIRFLOW, (query) =>
    query("update alembic_version set version_num = 'ffffffffffff'"),
  );
  const newer = await project.devenv(['db', 'status']);
  expect(newer).toMatchObject({ code: 1 });
  expect(newer.stdout).toContain('migrated by a newer Airflow');
  expect((await project.devenv(['unlockdb', '--yes'])).stdout).toContain('A newer Airflow has migrated');
  expect((await project.devenv(['db', 'migrate'])).stderr).toContain('does not know');
});
