import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** How a DAG run ended: `tasks` is `task_id` or `task_id[map_index]` -> state. */
export interface PeerAnswer {
  /** The command's exit code; `timeout` when it was killed. */
  readonly exit: number | 'timeout';
  readonly runState: string | null;
  readonly tasks: Readonly<Record<string, string>>;
}

export interface AirflowPeer {
  /** A migrated database that knows all DAGs, as a scheduler leaves it: a fresh one is a trap of its own on 2.11. */
  prepare(): Promise<void>;
  /** DAG id -> file, of everything in `dags/`. Import errors are thrown. */
  listDags(): Promise<Record<string, string>>;
  /** The real `airflow dags test DAG_ID`, and what it left in its database. */
  dagsTest(dagId: string, file: string, timeout?: number): Promise<PeerAnswer>;
}

/** Plain Airflow on a SQLite database below `home`, with a repository's `dags/` and `plugins/`: what we are compared with. */
export function airflowPeer(environmentDirectory: string, home: string, repository: string): AirflowPeer {
  const python = path.join(environmentDirectory, 'bin/python');
  const isAirflow2 = /airflow-2/.test(path.basename(environmentDirectory));
  const env = peerEnvironment(environmentDirectory, home, repository);
  const run = (args: readonly string[], timeout = 300_000): Promise<Ended> =>
    runToEnd(python, args, { env, cwd: home, timeout });
  const json = async <T>(script: string, ...args: string[]): Promise<T> => {
    const ended = await run(['-c', script, ...args]);
    const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
    if (ended.code !== 0) throw new Error(`${script}\n${ended.stdout}\n${ended.stderr}`);
    return JSON.parse(last) as T;
  };
  return {
    prepare: async () => {
      await mkdir(home, { recursive: true });
      for (const command of [
        ['db', 'migrate'],
        ['dags', 'reserialize'],
      ]) {
        const ended = await run(['-m', 'airflow', ...command]);
        if (ended.code !== 0) throw new Error(ended.stdout + ended.stderr);
      }
    },
    listDags: () => json(isAirflow2 ? LIST_2 : LIST_3, path.join(repository, 'dags')),
    dagsTest: async (dagId, file, timeout = 180_000) => {
      const ended = await run(
        ['-m', 'airflow', 'dags', 'test', dagId, isAirflow2 ? '-S' : '-f', file],
        timeout,
      );
      const stored = await json<Omit<PeerAnswer, 'exit'>>(READ_RUN, dagId);
      return { exit: ended.code, ...stored };
    },
  };
}

function peerEnvironment(environmentDirectory: string, home: string, repository: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('AIRFLOW') && name !== 'PYTHONDONTWRITEBYTECODE',
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: `${path.join(environmentDirectory, 'bin')}:${process.env['PATH']}`,
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__DAGS_FOLDER: path.join(repository, 'dags'),
    AIRFLOW__CORE__PLUGINS_FOLDER: path.join(repository, 'plugins'),
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__UNIT_TEST_MODE: 'False',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${path.join(home, 'airflow.db')}`,
  };
}

const LIST = `
import json, sys
for path, error in bag.import_errors.items(): print(path, error, file=sys.stderr)
print(json.dumps({dag.dag_id: dag.fileloc for dag in sorted(bag.dags.values(), key=lambda each: each.dag_id)}))
sys.exit(1 if bag.import_errors else 0)
`;
const LIST_2 = `
import sys
from airflow.models.dagbag import DagBag
bag = DagBag(sys.argv[1], include_examples=False)
${LIST}`;
const LIST_3 = `
import sys
sys.path.append(sys.argv[1])
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1], bundle_path=__import__('pathlib').Path(sys.argv[1]), bundle_name='dags-folder')
${LIST}`;
const READ_RUN = `
import json, sys, sqlite3, os
connection = sqlite3.connect(os.environ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN'].removeprefix('sqlite:///'))
run = connection.execute('select run_id, state from dag_run where dag_id = ? order by id desc', sys.argv[1:]).fetchone()
rows = connection.execute('select task_id, map_index, state from task_instance where dag_id = ? and run_id = ? order by 1, 2', (sys.argv[1], run[0])).fetchall() if run else []
print(json.dumps({'runState': run[1] if run else None, 'tasks': {task if index < 0 else f'{task}[{index}]': state or 'none' for task, index, state in rows}}))
`;

interface Ended {
  readonly code: number | 'timeout';
  readonly stdout: string;
  readonly stderr: string;
}

function runToEnd(
  file: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd: string; timeout: number },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: options.env,
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    }
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeout);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: timedOut ? 'timeout' : (code ?? 137), ...output });
    });
  });
}
