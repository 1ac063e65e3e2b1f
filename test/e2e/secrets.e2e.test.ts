import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAG_HEADER } from './support/dags.ts';
import { processesWith } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, parseEvents, the, type TestProject } from './support/project.ts';

const FROM_FILE = 'pw-in-the-file-8261';
const STORED = 'pw-in-the-database-5523';

const FILES = {
  'secret.env': `AIRFLOW_CONN_WAREHOUSE='postgres://etl:${FROM_FILE}@localhost:5432/x'\n`,
  'dags/store.py': `${DAG_HEADER}
with DAG("store", schedule=None, start_date=START):
    @task
    def work():
        from airflow.models import Connection
        from airflow import settings
        connection = Connection(conn_id="stored", conn_type="http", login="etl", password=open("stored.txt").read())
        session = settings.Session()
        session.add(connection)
        session.commit()
    work()
`,
  'dags/leak.py': `${DAG_HEADER}
try:
    from airflow.sdk import BaseHook
except ImportError:
    from airflow.hooks.base import BaseHook
import logging
with DAG("leak", schedule=None, start_date=START):
    @task
    def work():
        for name in ("warehouse", "stored"):
            password = BaseHook.get_connection(name).password
            print("printed", name, password, flush=True)
            logging.getLogger("airflow.task").info("logged %s %s", name, password)
            subprocess.run(["sh", "-c", "cat >&2"], input=f"piped {name} {password}\\n", text=True, check=True)
        print("now", flush=True)
        while not Path("go").exists():
            time.sleep(0.02)
        if "FAIL" in os.environ:
            raise ValueError(f"login with {password} failed")
        return password
    work()
`,
  'stored.txt': STORED,
};

describe.each(AIRFLOW_LINES)('On Airflow %s', (airflow) => {
  let project: TestProject;
  let keys: Record<string, string>;
  beforeAll(async () => {
    project = await createProject({ airflow, files: FILES });
    const stored = await project.runDag(['dags/store.py']);
    expect([stored.code, stored.stdout]).toEqual([0, expect.any(String)]);
    keys = JSON.parse(await readFile(path.join(project.root, '.devenv/keys.json'), 'utf8')) as typeof keys;
  });
  afterAll(() => project[Symbol.asyncDispose]());

  function secrets(): string[] {
    return [FROM_FILE, STORED, keys['fernet']!, keys['jwt']!, keys['api']!];
  }

  test.each([
    ['as a person sees it', []],
    ['with --json', ['--json']],
    ['when the task fails with it', ['--json', '--env-file', 'fail.env']],
    ['--no-runner', ['--no-runner']],
  ])("a connection's password that a task shows is masked: %s", async (_how, args) => {
    await project.write({ 'fail.env': 'FAIL=1\n', 'go': '' });
    const result = await project.devenv(['run-dag', 'dags/leak.py', '--env-file', 'secret.env', ...args]);
    expect([result.code, result.stdout]).toEqual([
      args.length > 2 ? 1 : 0,
      expect.stringContaining('printed'),
    ]);
    for (const word of [
      'printed warehouse ***',
      'printed stored ***',
      'logged stored ***',
      'piped stored ***',
    ])
      expect(result.stdout).toContain(word);
    expectNoSecret(result.stdout + result.stderr, 'the output');
  });

  test('nothing of it is in a command line, and the log is masked where the UI looks for it', async () => {
    await rm(path.join(project.root, 'go'), { force: true });
    const started = project.start(['run-dag', 'dags/leak.py', '--json', '--env-file', 'secret.env']);
    await started.waitFor((output) => output.includes('"now"'));
    for (const each of processesWith('')) expectNoSecret(each.commandLine, `process ${each.pid}`);
    await project.write({ go: '' });
    const result = await started.ended;
    const run = { ...result, events: parseEvents(result.stdout) };
    const runId = the(run, 'run_started').run_id;
    const folder = path.join(project.root, '.devenv/airflow/logs/dag_id=leak', `run_id=${runId}`);
    const log = await readFile(path.join(folder, 'task_id=work/attempt=1.log'), 'utf8');
    expect(log).toContain('printed warehouse ***');
    expectNoSecret(log, 'the log');
  });

  test('state files are for their owner only, and no log has a key', () => {
    const state = path.join(project.root, '.devenv');
    const tooOpen: string[] = [];
    for (const name of readdirSync(state, { recursive: true }) as string[]) {
      const file = path.join(state, name);
      const stat = statSync(file);
      if (name === 'keys.json') expect(stat.mode & 0o777).toBe(0o600);
      // Behind a closed folder nobody can look.
      if (!name.includes('/') && name !== '.gitignore' && (stat.mode & 0o077) !== 0) tooOpen.push(name);
      if (stat.isFile() && !name.startsWith('postgres/') && name !== 'keys.json')
        expectNoSecret(readFileSync(file, 'utf8'), name);
    }
    expect(tooOpen).toEqual([]);
    expect(statSync(state).mode & 0o077).toBe(0);
  });

  function expectNoSecret(text: string, where: string): void {
    for (const secret of secrets()) {
      const at = text.indexOf(secret);
      if (at >= 0) throw new Error(`A secret is in ${where}: …${text.slice(Math.max(0, at - 80), at + 5)}…`);
    }
  }
});
