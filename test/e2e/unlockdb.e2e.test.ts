import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { UnlockAnswer } from './support/answers.ts';
import { oneTaskDag } from './support/dags.ts';
import { connection, onDatabase, rowsOf, socketOf } from './support/database.ts';
import { processesWith, until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, type AirflowLine, type TestProject } from './support/project.ts';
import { apiOf, service, stackOf, triggerToEnd, up } from './support/stack.ts';

const QUICK = { 'dags/quick.py': oneTaskDag('quick', 'return 1') };

/** A project with a database that has a few rows in it. */
async function filled(
  airflow: AirflowLine,
  files: Readonly<Record<string, string>> = {},
): Promise<TestProject> {
  const project = await createProject({ airflow, files: { ...QUICK, ...files } });
  const run = await project.runDag(['dags/quick.py']);
  if (run.code !== 0) throw new Error(run.stdout + run.stderr);
  return project;
}

async function unlockdb(
  project: TestProject,
  ...args: readonly string[]
): Promise<{ code: number; answer: UnlockAnswer; printed: string }> {
  const result = await project.devenv(['unlockdb', '--json', ...args]);
  const printed = result.stdout + result.stderr;
  if (!result.stdout.startsWith('{')) throw new Error(printed);
  return { code: result.code, answer: JSON.parse(result.stdout) as UnlockAnswer, printed };
}

const kinds = ({ findings }: UnlockAnswer): string[] => findings.map((each) => each.kind);

const children: ChildProcess[] = [];
afterEach(() => {
  for (const each of children.splice(0)) each.kill('SIGKILL');
});

/** Python of the project's Airflow, holding on to something until it is ended. */
async function holding(script: string, args: readonly string[]): Promise<ChildProcess> {
  const python = path.join(process.env['DEVENV_TEST_AIRFLOW_3'] ?? '', 'bin', 'python');
  const child = spawn(python, ['-c', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  return child;
}

describe('a database that is free', () => {
  test('is said to be, and nothing is done', async () => {
    await using project = await filled('3.3.2');
    const result = await project.devenv(['unlockdb']);
    expect(result).toMatchObject({ code: 0, stdout: '✓ Nothing is locked in airflow_3_3.\n' });
    expect((await project.devenv(['snapshot', 'list', '--json'])).stdout).toContain('"snapshots":[]');
  });

  test('is not made, when there is none', async () => {
    await using project = await createProject({ airflow: '3.3.2', files: QUICK, database: 'sqlite' });
    const result = await project.devenv(['unlockdb']);
    expect(result).toMatchObject({ code: 0, stdout: 'There is no database airflow_3_3 yet.\n' });
  });
});

describe('sessions', () => {
  test('a lock that others wait for: who holds it is ended only by its number', async () => {
    await using project = await filled('3.3.2');
    const before = await rowsOf(project, '3.3.2');
    await using holder = await connection(project, '3.3.2', 'a report');
    await holder.run('begin');
    await holder.run("update dag set max_active_runs = 99 where dag_id = 'quick'");
    await using waiter = await connection(project, '3.3.2', 'somebody');
    const waited = waiter.run("update dag set is_paused = is_paused where dag_id = 'quick'");
    await sleep(1_500);
    const dry = await project.devenv(['unlockdb', '--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain(`A report (backend ${holder.backend}`);
    expect(dry.stdout).toContain('update dag set max_active_runs = ? where dag_id = ?');
    expect(dry.stdout).toContain(`held up: somebody (backend ${waiter.backend})`);
    const refused = await unlockdb(project, '--yes');
    expect(refused.code).toBe(1);
    expect(kinds(refused.answer)).toEqual(['idle_in_transaction']);
    expect(refused.answer.withheld).toMatchObject([{ needs: `--end ${holder.backend}` }]);
    const freed = await unlockdb(project, '--end', String(holder.backend));
    expect(freed.code, freed.printed).toBe(0);
    expect(freed.answer).toMatchObject({ locked: false, remaining: [], changed_tables: [] });
    expect(freed.answer.snapshot).toMatch(/^before-unlockdb-/);
    expect(await waited).toBe(true);
    expect(await rowsOf(project, '3.3.2')).toEqual(before);
    const [dag] = await onDatabase(project, '3.3.2', (query) =>
      query("select max_active_runs from dag where dag_id = 'quick'"),
    );
    expect(dag, 'what was not committed is undone').toEqual({ max_active_runs: 16 });
  });

  test('a killed migration whose connection lives on: the next one goes through', async () => {
    await using project = await filled('3.3.2');
    const before = await rowsOf(project, '3.3.2');
    // The child of the killed process keeps the connection open, and with it the lock.
    const script = `
import os, sys, time, psycopg2
connection = psycopg2.connect(host=sys.argv[1], user="postgres", dbname="airflow_3_3", application_name="airflow-devenv-migrate")
connection.autocommit = True
connection.cursor().execute("select pg_advisory_lock(1)")
pid = os.fork()
if pid: print(pid, flush=True)
time.sleep(120)`;
    const migration = await holding(script, [await socketOf(project)]);
    migration.kill('SIGKILL');
    await sleep(5_500);
    const freed = await unlockdb(project, '--yes');
    expect(kinds(freed.answer)).toEqual(['migration_lock']);
    expect(freed.code, freed.printed).toBe(0);
    const [lock] = await onDatabase(project, '3.3.2', (query) =>
      query('select pg_try_advisory_lock(1) as free'),
    );
    expect(lock).toEqual({ free: true });
    expect(await rowsOf(project, '3.3.2')).toEqual(before);
    for (const each of processesWith(await socketOf(project))) {
      if (each.commandLine.includes('pg_advisory_lock')) process.kill(each.pid, 'SIGKILL');
    }
  });

  test('an idle transaction of a service that has gone, on the rows of the pools, under an exclusive lock', async () => {
    await using project = await filled('3.3.2');
    const before = await rowsOf(project, '3.3.2');
    await using holder = await connection(project, '3.3.2', 'airflow-devenv-scheduler');
    await holder.run('begin');
    await holder.run('select * from slot_pool for update');
    await holder.run('lock table variable');
    await sleep(5_500);
    const freed = await unlockdb(project, '--yes');
    expect(kinds(freed.answer)).toEqual(['scheduler_lock']);
    expect(freed.code, freed.printed).toBe(0);
    expect(freed.answer.changed_tables).toEqual([]);
    expect(await rowsOf(project, '3.3.2')).toEqual(before);
  });

  test('kill -9 while it works: the next one ends it, and every row is there', async () => {
    await using project = await filled('3.3.2');
    const before = await rowsOf(project, '3.3.2');
    for (const milliseconds of [100, 150, 200, 250, 300, 350, 450, 550, 700, 900]) {
      await using holder = await connection(project, '3.3.2', 'airflow-devenv-triggerer');
      await holder.run('begin');
      await holder.run('update slot_pool set slots = slots');
      await using waiter = await connection(project, '3.3.2', 'airflow-devenv-scheduler');
      const waited = waiter.run('update slot_pool set slots = slots');
      await sleep(1_200);
      const killed = project.start(['unlockdb', '--yes']);
      await sleep(milliseconds);
      killed.kill('SIGKILL');
      await killed.ended;
      const again = await unlockdb(project, '--yes');
      expect(again.code, `${milliseconds} ms: ${again.printed}`).toBe(0);
      expect(await waited).toBe(true);
      expect(await rowsOf(project, '3.3.2'), `${milliseconds} ms`).toEqual(before);
    }
  });
});

const SLOW = { 'dags/slow.py': oneTaskDag('slow', 'time.sleep(4)\nreturn 1') };
const LIMITED = {
  'dags/limited.py': oneTaskDag('limited', 'time.sleep(60 if "SLOW" in os.environ else 0)').replace(
    'schedule=None',
    'schedule=None, max_active_runs=1',
  ),
};

describe.each(AIRFLOW_LINES)('rows of Airflow %s', (airflow) => {
  test('a scheduler that was killed with all of the stack: its job, its task instances', async () => {
    await using project = await filled(airflow, SLOW);
    const stack = await up(project);
    const api = await apiOf(project, airflow);
    await until(
      async () => (await api.dags()).some((each) => each.dagId === 'slow'),
      () => api.importErrors(),
    );
    await api.setPaused('slow', false);
    const { runId } = await api.trigger('slow');
    const tasks = () => api.taskInstances({ dagId: 'slow', runId });
    await until(async () => (await tasks()).some((each) => each.state === 'running'), tasks);
    const [scheduler, preload] = ['scheduler', 'preload'].map((name) => service(stack, name).pid ?? 0);
    // All at once, so that nobody can write down that it ends.
    for (const pid of [stack.pid, preload ?? 0]) process.kill(pid, 'SIGSTOP');
    for (const pid of [-(scheduler ?? 0), stack.pid, preload ?? 0]) process.kill(pid, 'SIGKILL');
    await until(
      () => processesWith('').every(({ pid }) => ![scheduler, stack.pid, preload].includes(pid)),
      () => processesWith(path.dirname(project.root)),
    );
    // A task of Airflow 2 outlives its scheduler, and writes its last rows.
    await sleep(6_000);
    const before = await rowsOf(project, airflow);
    const freed = await unlockdb(project, '--yes');
    const done = freed.answer.done?.map((each) => each.text).join();
    expect(done, freed.printed).toMatch(/mark jobs? [\d, ]+ as ended/);
    expect(freed.code, freed.printed).toBe(0);
    expect(await rowsOf(project, airflow)).toEqual(before);
    const jobs = await onDatabase(project, airflow, (query) =>
      query("select id from job where state = 'running' and job_type = 'SchedulerJob'"),
    );
    expect(jobs).toEqual([]);
    await up(project);
    const again = await apiOf(project, airflow);
    const state = async () => (await again.dagRuns('slow', 5)).find((each) => each.runId === runId)?.state;
    await until(async () => (await state()) === 'success', state, 90_000);
    expect((await stackOf(project)).status).toBe('ready');
  });

  test('a run that nobody executes fills max_active_runs: the next one runs', async () => {
    await using project = await filled(airflow, LIMITED);
    const run = project.start(['run-dag', '--json', 'dags/limited.py'], { env: { SLOW: '1' } });
    await run.waitFor((output) => output.includes('task_started'));
    for (const each of processesWith(`preload ${path.dirname(project.root)}`))
      process.kill(each.pid, 'SIGKILL');
    await run.ended;
    // As a stock `airflow dags test` leaves it, of which a scheduler does not know that it is a test.
    await onDatabase(project, airflow, async (query) => {
      const mark = airflow.startsWith('2.') ? 'creating_job_id = null' : "triggered_by = 'CLI'";
      await query(`update dag_run set state = 'running', end_date = null, ${mark} where dag_id = 'limited'`);
      await query(
        "update task_instance set state = 'running', end_date = null, queued_by_job_id = null where dag_id = 'limited'",
      );
    });
    const before = await rowsOf(project, airflow);
    const freed = await unlockdb(project, '--yes');
    expect(kinds(freed.answer), freed.printed).toContain('stale_run');
    expect(freed.code, freed.printed).toBe(0);
    expect(await rowsOf(project, airflow)).toEqual(before);
    await up(project);
    expect((await triggerToEnd(await apiOf(project, airflow), 'limited')).state).toBe('success');
  });
});

describe('what waits', () => {
  test('says for which table and who holds it, and ends at once on SIGTERM', async () => {
    await using project = await filled('3.3.2');
    await onDatabase(project, '3.3.2', async (query) => {
      await query('begin');
      await query('lock table task_instance in access exclusive mode');
      const run = project.start(['run-dag', '--json', 'dags/quick.py']);
      const told = await run.waitFor((output) => output.includes('waits_for_database'));
      expect(told).toMatch(/Waiting for the table task_instance: .+lock table task_instance.+unlockdb/);
      const begun = performance.now();
      run.kill('SIGTERM');
      expect(await run.ended).toMatchObject({ code: 143 });
      expect(performance.now() - begun).toBeLessThan(5_000);
      await query('rollback');
    });
    expect((await project.runDag(['dags/quick.py'])).code).toBe(0);
  });

  test('a run behind another that waits says what that one waits for', async () => {
    await using project = await filled('3.3.2');
    await project.write({ 'dags/quick.py': oneTaskDag('quick', 'return 2') });
    await onDatabase(project, '3.3.2', async (query) => {
      await query('begin');
      await query('lock table dag in access exclusive mode');
      // Both have to write the changed DAG, one after the other.
      const runs = [1, 2].map(() => project.start(['run-dag', '--json', 'dags/quick.py']));
      for (const run of runs) {
        const told = await run.waitFor((output) => output.includes('waits_for_database'));
        expect(told).toMatch(
          /Waiting for the table dag: .+lock table dag in access exclusive mode.+unlockdb/,
        );
      }
      await query('rollback');
      for (const run of runs) expect(await run.ended).toMatchObject({ code: 0 });
    });
  });
});

describe('SQLite', () => {
  const spill = `
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("pragma journal_mode = delete")
connection.execute("pragma cache_size = 5")
connection.execute("begin immediate")
connection.executemany("insert into log (dttm, event) values (datetime('now'), ?)", [("x" * 2000,)] * 2000)
print("half way", flush=True)
time.sleep(120)`;
  const fileOf = (project: TestProject): string => path.join(project.root, '.devenv/sqlite/airflow_3_3.db');
  const rows = async (project: TestProject): Promise<unknown> => {
    await project.devenv(['snapshot', 'save', 'now', '--replace', '--live']);
    return JSON.parse(
      (await project.devenv(['snapshot', 'diff', 'first', 'now', '--json'])).stdout,
    ) as unknown;
  };

  test('a process that holds the file, and the hot journal that it leaves when it is killed', async () => {
    await using project = await createProject({ airflow: '3.3.2', files: QUICK, database: 'sqlite' });
    expect((await project.runDag(['dags/quick.py'])).code).toBe(0);
    expect((await project.devenv(['snapshot', 'save', 'first'])).code).toBe(0);
    // Whoever reads the file undoes what is in the journal; the warm runner may be that.
    await project.devenv(['down', '--all']);
    const writer = await holding(spill, [fileOf(project)]);
    expect(statSync(`${fileOf(project)}-journal`).size).toBeGreaterThan(0);
    const refused = await unlockdb(project, '--yes');
    expect(refused.code).toBe(1);
    expect(refused.answer.withheld).toMatchObject([{ needs: `--end ${writer.pid}` }]);
    expect(writer.exitCode).toBe(null);
    const gone = once(writer, 'exit');
    writer.kill('SIGKILL');
    await gone;
    expect(existsSync(`${fileOf(project)}-journal`)).toBe(true);
    const freed = await unlockdb(project, '--yes');
    expect(kinds(freed.answer), freed.printed).toContain('sqlite_journal');
    expect(freed.code, freed.printed).toBe(0);
    expect(await rows(project)).toMatchObject({ tables: [] });
    const holder = await holding(spill, [fileOf(project)]);
    // What waits for the file says who holds it, and how it is freed; a number that holds nothing is refused.
    const run = project.start(['run-dag', 'dags/quick.py']);
    const told = await run.waitFor((output) => output.includes('Waiting for the database'));
    expect(told).toMatch(new RegExp(`process ${holder.pid} \\(.+unlockdb --end ${holder.pid} frees it`));
    run.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: 143 });
    expect(await project.devenv(['unlockdb', '--end', 'abc'])).toMatchObject({ code: 2 });
    const ended = await unlockdb(project, '--end', String(holder.pid));
    expect(ended.code, ended.printed).toBe(0);
    expect(await rows(project)).toMatchObject({ tables: [] });
    // A file that is beyond reading: what says so leads out of it.
    await project.devenv(['down', '--all']);
    await writeFile(fileOf(project), Buffer.alloc(300_000));
    expect((await project.devenv(['db', 'status'])).stdout).toContain('beyond reading');
    expect((await project.devenv(['doctor'])).stdout).toContain('it is no SQLite database any more');
    const hopeless = await project.devenv(['unlockdb', '--yes']);
    expect(hopeless).toMatchObject({ code: 1 });
    expect(hopeless.stderr).toMatch(/Nothing of .+ can be read[^]+devenv snapshot restore NAME/);
    expect(hopeless.stderr).not.toContain('→ devenv unlockdb');
    expect(existsSync(`${fileOf(project)}.rebuilt`)).toBe(false);
    const restored = await project.devenv(['snapshot', 'restore', 'first', '--yes']);
    expect(restored.stdout, restored.stderr).toContain('what was beyond reading is kept');
    expect((await project.runDag(['dags/quick.py'])).code).toBe(0);
  });
});
