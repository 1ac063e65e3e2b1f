import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { processStartTime } from '../../src/platform/processIdentity.ts';
import { until } from './support/inspect.ts';
import { AIRFLOW_LINES, createProject, finalStates, type TestProject } from './support/project.ts';
import { logTexts } from './support/runs.ts';
import { apiOf, findStack, service, stackOf, triggerToEnd, up } from './support/stack.ts';

/** Every client of HDFS that needs no Java, in the words of production: nothing in it knows of devenv. */
const DAG = `
import datetime
from airflow.decorators import dag, task
try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:
    from airflow.operators.bash import BashOperator
from airflow.providers.apache.hdfs.sensors.web_hdfs import WebHdfsSensor

FOLDER = "/user/etl/in"

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def files():
    put = BashOperator(
        task_id="put",
        bash_command=(
            "printf 'a,b\\\\n1,2\\\\n' > t.csv && hdfs dfs -mkdir -p " + FOLDER
            + " && hdfs dfs -put -f t.csv " + FOLDER + " && hadoop fs -ls hdfs://analytics-hadoop" + FOLDER
        ),
    )
    wait = WebHdfsSensor(task_id="wait", filepath=FOLDER + "/t.csv", poke_interval=1, timeout=30)

    @task
    def hook():
        from airflow.providers.apache.hdfs.hooks.webhdfs import WebHDFSHook
        assert WebHDFSHook().read_file(FOLDER + "/t.csv") == b"a,b\\n1,2\\n"

    @task
    def with_fsspec():
        import fsspec
        with fsspec.open("hdfs://analytics-hadoop" + FOLDER + "/t.csv", "r") as file:
            assert file.read() == "a,b\\n1,2\\n"
        with fsspec.open("hdfs:///user/etl/out.bin", "wb") as file:
            file.write(b"x" * 10_000_000)
        found = fsspec.filesystem("hdfs", host="analytics-hadoop")
        assert found.size("/user/etl/out.bin") == 10_000_000
        assert {"/user/etl/in", "/user/etl/out.bin"} <= set(found.ls("/user/etl", detail=False))

    @task
    def with_hdfscli():
        from hdfs import Config, InsecureClient
        client = Config().get_client()
        client.write("/user/etl/cli.txt", "żółć", encoding="utf-8", overwrite=True)
        assert InsecureClient("http://analytics-hadoop:9870", user="etl").status("/user/etl/cli.txt")["length"] == 8

    child = BashOperator(
        task_id="child",
        bash_command="""python -c "
import socket, urllib.request
print(urllib.request.urlopen('http://analytics-hadoop:9870/webhdfs/v1/user/etl?op=LISTSTATUS').status)
print('at', socket.gethostbyname('analytics-hadoop'))
" """,
    )
    put >> wait >> hook() >> with_fsspec() >> with_hdfscli() >> child

files()
`;

const SUCCESS = Object.fromEntries(
  ['put', 'wait', 'hook', 'with_fsspec', 'with_hdfscli', 'child'].map((task) => [task, 'success']),
);

async function projectWithHdfs(airflow: string, hdfs = '{}'): Promise<TestProject> {
  const project = await createProject({
    airflow,
    files: { 'dags/files.py': DAG, 'data/day/a.csv': 'seeded\n', 'data/one.txt': 'one\n' },
  });
  const configuration = await readFile(path.join(project.root, 'devenv.yaml'), 'utf8');
  await project.write({ 'devenv.yaml': `${configuration}hdfs: ${hdfs}\n` });
  return project;
}

describe.each(AIRFLOW_LINES)('a DAG that uses HDFS, on Airflow %s', (airflow) => {
  test('runs by run-dag, warm and without the runner', async () => {
    await using project = await projectWithHdfs(airflow);
    for (const args of [[], [], ['--no-runner']]) {
      const result = await project.runDag(['dags/files.py', ...args]);
      expect(finalStates(result), result.stdout).toEqual(SUCCESS);
      expect(logTexts(result, 'put').join('\n')).toMatch(
        /-rw-r--r-- .* hdfs:\/\/analytics-hadoop\/user\/etl\/in\/t\.csv/,
      );
    }
    const listed = await project.devenv(['hdfs', 'cat', '/user/etl/in/t.csv']);
    expect(listed.stdout).toBe('a,b\n1,2\n');
  });

  test('runs by the scheduler, also when the server was killed meanwhile', async () => {
    await using project = await projectWithHdfs(airflow);
    const stack = await up(project);
    const before = service(stack, 'hdfs');
    expect(before).toMatchObject({ status: 'ready', restarts: 0 });
    const api = await apiOf(project, airflow);
    const run = await triggerToEnd(api, 'files');
    const tasks = await api.taskInstances(run);
    expect(run.state, JSON.stringify(tasks)).toBe('success');
    process.kill(before.pid!, 'SIGKILL');
    const now = async () => service(await stackOf(project), 'hdfs');
    await until(async () => (await now()).restarts === 1 && (await now()).status === 'ready', now);
    expect((await project.devenv(['hdfs', 'cat', '/user/etl/in/t.csv'])).stdout).toBe('a,b\n1,2\n');
    expect((await project.devenv(['down'])).code).toBe(0);
    expect(await findStack(project)).toBeUndefined();
    expect(await serverPid(project)).toBeUndefined();
  });
});

describe('the HDFS of a project', () => {
  test('two stacks have one each at the same time, with the usual ports and their own files', async () => {
    await using first = await projectWithHdfs('3.3.2');
    await using second = await projectWithHdfs('3.3.2');
    await up(first, ['hdfs']);
    await up(second, ['hdfs']);
    for (const project of [first, second]) {
      expect((await project.devenv(['hdfs', 'put', '-', '/own.txt'])).code).toBe(0);
      expect((await project.devenv(['hdfs', 'mount-info'])).stdout).toContain('9870, 8020, 50070');
    }
    expect((await first.devenv(['hdfs', 'rm', '/own.txt'])).stdout).toBe('Deleted /own.txt\n');
    expect((await second.devenv(['hdfs', 'test', '-e', '/own.txt'])).code).toBe(0);
  });

  test('holds what devenv.yaml seeds it with, before the first run and again at up', async () => {
    const seed = '{nameservice: prod, seed: {/in: data, /single.txt: data/one.txt}}';
    await using project = await projectWithHdfs('3.3.2', seed);
    await project.write({
      'dags/reads.py': `
import datetime
from airflow.sdk import dag, task

@dag(schedule=None, start_date=datetime.datetime(2024, 1, 1), catchup=False)
def reads():
    @task
    def read():
        import fsspec
        with fsspec.open("hdfs://prod/in/day/a.csv") as file:
            return file.read().decode()
    read()

reads()
`,
    });
    const result = await project.runDag(['dags/reads.py']);
    expect(finalStates(result), result.stdout).toEqual({ read: 'success' });
    expect((await project.devenv(['hdfs', 'rm', '-r', '/in'])).code).toBe(0);
    await up(project, ['hdfs']);
    expect((await project.devenv(['hdfs', 'ls', '-C', '-R', '/in'])).stdout).toContain('/in/day/a.csv');
    expect((await project.devenv(['hdfs', 'cat', 'hdfs://prod/single.txt'])).stdout).toBe('one\n');
  });

  test('the user that tasks become has a folder of its own, also when the server ran before', async () => {
    await using project = await projectWithHdfs('3.3.2');
    expect((await project.devenv(['hdfs', 'ls', '/'])).code).toBe(0);
    await project.write({
      'devenv.yaml': 'airflow: {version: 3.3.2}\nhdfs: {user: analytics, seed: {/user/analytics/in: data}}\n',
    });
    await up(project, ['hdfs']);
    expect(await project.devenv(['hdfs', 'put', 'devenv.yaml', 'mine.yaml'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect((await project.devenv(['hdfs', 'ls', '-C', '/user/analytics'])).stdout).toContain('mine.yaml');
  });

  test('is no part of a project that asks for none', async () => {
    await using project = await createProject({ airflow: '3.3.2', files: { 'dags/files.py': DAG } });
    const plan = await project.devenv(['up', '--dry-run']);
    expect(plan.stdout).not.toContain('hdfs');
    const refused = await project.devenv(['hdfs', 'ls', '/']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('hdfs: {}');
    expect(await serverPid(project)).toBeUndefined();
  });
});

/** Of the server that runs, by its record. */
async function serverPid({ root }: TestProject): Promise<number | undefined> {
  const file = path.join(root, '.devenv/hdfs/server.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, startTime } = JSON.parse(text) as { pid: number; startTime: string };
  return (await processStartTime(pid)) === startTime ? pid : undefined;
}
