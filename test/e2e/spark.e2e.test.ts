import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SparkRun } from '../../src/spark/runRecords.ts';
import { until } from './support/inspect.ts';
import { createProject, type TestProject } from './support/project.ts';
import { logTexts, outcome, returned } from './support/runs.ts';
import { apiOf, triggerToEnd, up } from './support/stack.ts';

const SPARK = '4.0.1';
const MINUTES = 60_000;

/** What `devenv package` builds the environment from: the entry point of the job is in it. */
const WORDS = {
  'jobs/words/pyproject.toml': `[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "words"
version = "0.1.0"
[tool.setuptools]
py-modules = ["words"]
script-files = ["bin/write_words.py"]
`,
  'jobs/words/words.py': 'def letters(word):\n    return len(word)\n',
  'jobs/words/bin/write_words.py': `#!/usr/bin/env python
import os, sys
from pyspark.sql import SparkSession

import words

spark = SparkSession.builder.appName("words").getOrCreate()
lengths = spark.sparkContext.textFile("file:" + os.path.abspath("words.txt")).map(
    lambda word: (word, __import__("words").letters(word))
)
frame = spark.createDataFrame(lengths, ["word", "letters"])
frame.write.mode("overwrite").partitionBy("letters").parquet(sys.argv[1])
print("DRIVER", sys.executable, os.environ["TOOL"], "AIRFLOW__CORE__EXECUTOR" in os.environ)
print("READ", spark.read.parquet(sys.argv[1]).count(), spark.sparkContext.master)
`,
};

const DAG = (imports: string, tracking: string) => `
from datetime import datetime
from pathlib import Path
${imports}
from airflow.providers.apache.hdfs.sensors.web_hdfs import WebHdfsSensor
from airflow.providers.apache.spark.operators.spark_sql import SparkSqlOperator
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

HERE = Path(__file__).parent

with DAG("words", start_date=datetime(2026, 1, 1), schedule=None):
    submit = SparkSubmitOperator(
        task_id="submit",
        application="venv/bin/write_words.py",
        application_args=["hdfs://analytics-hadoop/data/words.parquet"],
        deploy_mode="cluster",
        ${tracking}
        archives="hdfs:///cache/artifacts/words-0.1.0.conda.tgz#venv",
        files=str(HERE / "words.txt"),
        conf={"spark.pyspark.python": "./venv/bin/python", "spark.dynamicAllocation.enabled": "true"},
        env_vars={"TOOL": "hammer"},
        executor_memory="20G",
        num_executors=2,
        yarn_queue="production",
    )
    written = WebHdfsSensor(task_id="written", filepath="/data/words.parquet/_SUCCESS", poke_interval=1)
    sql = SparkSqlOperator(task_id="sql", sql="select 40 + 2 as answer", num_executors=1)
    bash = BashOperator(task_id="bash", bash_command=f"spark-submit --master yarn {HERE}/plain.py 2>&1")

    @task
    def read():
        import pandas

        return len(pandas.read_parquet("hdfs://analytics-hadoop/data/words.parquet"))

    submit >> written >> sql >> bash >> read()
`;

const IMPORTS = {
  '3.3.2':
    'from airflow.sdk import DAG, task\nfrom airflow.providers.standard.operators.bash import BashOperator',
  '2.11.2':
    'from airflow import DAG\nfrom airflow.decorators import task\nfrom airflow.operators.bash import BashOperator',
};

/** Works on both lines. */
const LONG_DAG = `
from datetime import datetime
from pathlib import Path
from airflow.models.dag import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

with DAG("long", start_date=datetime(2026, 1, 1), schedule=None):
    SparkSubmitOperator(task_id="submit", application=str(Path(__file__).parent.parent / "waits.py"))
`;

/** Airflow 3.3 asks YARN's resource manager how the job stands. */
const TRACKING = { '3.3.2': 'yarn_track_via_rm_api=True,', '2.11.2': '' };

/** The pandas of 2.11.2's constraints reads Parquet only where pyarrow is asked for; that of 3.3.2 depends on it. */
const REQUIREMENTS = { '3.3.2': '', '2.11.2': 'pyarrow\n' };

let project: TestProject;
beforeAll(async () => {
  project = await createProject({
    airflow: '3.3.2',
    files: {
      'devenv.yaml': configuration('3.3.2'),
      'config/artifacts.yaml': 'artifacts: {words-0.1.0.conda.tgz: https://packages.invalid/words}\n',
      'dags/words.py': DAG(IMPORTS['3.3.2'], TRACKING['3.3.2']),
      'dags/words.txt': 'one\ntwo\nthree\n',
      'dags/plain.py':
        'import os\nfrom pyspark.sql import SparkSession\n' +
        'print("PLAIN", SparkSession.builder.getOrCreate().range(7).count(), os.getcwd())\n',
      'dags/long.py': LONG_DAG,
      'exit3.py': 'import sys\nsys.exit(3)\n',
      'waits.py':
        'import time\nfrom pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate()\n' +
        'print("WAITING", flush=True)\ntime.sleep(600)\n',
      ...WORDS,
    },
  });
  expect((await project.devenv(['spark', 'install'], { timeout: 10 * MINUTES })).code).toBe(0);
});
afterAll(() => project[Symbol.asyncDispose]());

function configuration(airflow: string): string {
  return `airflow: {version: ${airflow}}\nspark: {version: ${SPARK}}\nartifacts: config/artifacts.yaml\n`;
}

test('the environment of a job is packed and takes the place of its artifact', async () => {
  const result = await project.devenv(['package', 'jobs/words', '--json']);
  expect([result.code, result.stderr]).toEqual([0, expect.anything()]);
  expect(JSON.parse(result.stdout)).toMatchObject({
    kind: 'venv',
    output: path.join(project.root, 'jobs/words/venv.tar.gz'),
    override: { artifact: 'words-0.1.0.conda.tgz' },
  });
  const listed = await project.devenv(['hdfs', 'dfs', '-ls', '/cache/artifacts']);
  expect(listed.stdout).toContain('/cache/artifacts/words-0.1.0.conda.tgz');
  const list = await project.devenv(['artifacts', 'list', '--json']);
  expect(JSON.parse(list.stdout)).toMatchObject({ artifacts: [{ state: 'current', isOverride: true }] });
});

test.each(['3.3.2', '2.11.2'] as const)(
  'SparkSubmitOperator, SparkSqlOperator and a plain spark-submit work in Airflow %s',
  async (airflow) => {
    await project.write({
      'devenv.yaml': configuration(airflow),
      'requirements.txt': REQUIREMENTS[airflow],
      'dags/words.py': DAG(IMPORTS[airflow], TRACKING[airflow]),
    });
    const before = (await runs()).length;
    const result = await project.runDag(['dags/words.py'], { timeout: 14 * MINUTES });
    expect(outcome(result), result.stdout).toMatchObject({
      exit: 0,
      tasks: { submit: 'success', written: 'success', sql: 'success', bash: 'success', read: 'success' },
    });
    const submitted = logTexts(result, 'submit').join('\n');
    expect(submitted).toMatch(/DRIVER .*\/container\/venv\/bin\/python hammer False/);
    expect(submitted).toMatch(/READ 3 local\[[12]\]/);
    expect(submitted).toContain('Identified spark application id: application_');
    expect(logTexts(result, 'sql').join('\n')).toMatch(/\b42\b/);
    expect(logTexts(result, 'bash').join('\n')).toContain('PLAIN 7 ');
    expect(String(returned(result)['read'])).toBe('3');
    const made = (await runs()).slice(before);
    expect(made.map(({ state, task }) => [state, task?.dagId, task?.taskId])).toEqual([
      ['succeeded', 'words', 'submit'],
      ['succeeded', 'words', 'sql'],
      ['succeeded', 'words', 'bash'],
    ]);
    const log = await project.devenv(['spark', 'logs', made[0]?.id ?? '']);
    expect(log.stdout).toContain('READ 3');
  },
  // Three JVMs and Hive's tables made anew, on a machine that others use, too.
  15 * MINUTES,
);

test(
  'the scheduler runs them, too',
  async () => {
    const airflow = '3.3.2';
    await project.write({
      'devenv.yaml': configuration(airflow),
      'requirements.txt': REQUIREMENTS[airflow],
      'dags/words.py': DAG(IMPORTS[airflow], TRACKING[airflow]),
    });
    await up(project);
    try {
      const api = await apiOf(project, airflow);
      const run = await triggerToEnd(api, 'words', 12 * MINUTES);
      expect(run.state, JSON.stringify(await api.taskInstances(run))).toBe('success');
    } finally {
      await project.devenv(['down']);
    }
  },
  15 * MINUTES,
);

test('a run that is cancelled leaves no JVM', async () => {
  const run = project.start(['run-dag', 'dags/long.py'], { timeout: 4 * MINUTES });
  await until(() => jvms() !== '', jvms, 3 * MINUTES);
  run.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  await noJvmLeft();
});

test('the exit code of a job is its own', async () => {
  expect((await submit(['--master', 'yarn', 'exit3.py'])).code).toBe(3);
  expect((await runs()).at(-1)).toMatchObject({ state: 'failed', exitCode: 3, name: 'exit3.py' });
});

test('a job for another master is given to Spark as it is', async () => {
  const before = (await runs()).length;
  const result = await submit(['--master', 'local[1]', path.join(project.root, 'dags/plain.py')]);
  expect([result.code, result.stdout]).toEqual([0, expect.stringContaining(`PLAIN 7 ${project.root}`)]);
  expect(await runs()).toHaveLength(before);
  const help = await submit(['--version']);
  expect(help.stdout + help.stderr).toContain(`version ${SPARK}`);
});

test('a job whose archive is not there fails before Spark starts, and says where it looked', async () => {
  const result = await submit(['--master', 'yarn', '--archives', 'hdfs:///none.tgz#venv', 'exit3.py']);
  expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('hdfs:///none.tgz')]);
  expect((await runs()).at(-1)).toMatchObject({ state: 'failed' });
});

test('secrets of a command line are in no record, and not on the JVM’s', async () => {
  const started = startSubmit(['--master', 'yarn', '--conf', 'spark.my.password=hunter2', 'waits.py']);
  await started.printed('WAITING');
  expect(jvms()).toContain('--properties-file');
  expect(jvms()).not.toContain('hunter2');
  expect(JSON.stringify(await runs())).not.toContain('hunter2');
  started.kill('SIGTERM');
  expect(await started.code).toBe(143);
  expect((await runs()).at(-1)).toMatchObject({ state: 'killed' });
  await noJvmLeft();
});

test('a stand-in that is killed without a word leaves no JVM, and no files of the job', async () => {
  const started = startSubmit(['--master', 'yarn', '--deploy-mode', 'cluster', 'waits.py']);
  await started.printed('WAITING');
  expect(jvms()).not.toBe('');
  started.kill('SIGKILL');
  await noJvmLeft();
  expect((await runs()).at(-1)).toMatchObject({ state: 'killed' });
  expect((await submit(['--master', 'yarn', 'exit3.py'])).code).toBe(3);
  const folder = path.join(project.root, '.devenv/spark/runs', (await runs()).at(-2)?.id ?? '');
  expect(readdirSync(folder).toSorted()).toEqual(['driver.log', 'run.json']);
});

test('yarn application -kill ends a job', async () => {
  const started = startSubmit(['--master', 'yarn', 'waits.py']);
  await started.printed('WAITING');
  const id = (await runs()).at(-1)?.id ?? '';
  expect((await program('yarn', ['application', '-list'])).stdout).toContain(`${id}\twaits.py`);
  expect((await program('yarn', ['application', '-kill', id])).stdout).toContain(`Killed application ${id}`);
  expect(await started.code).toBeGreaterThan(0);
  const status = await program('yarn', ['application', '-status', id]);
  expect(status.stdout).toContain('Final-State : KILLED');
  await noJvmLeft();
});

async function runs(): Promise<SparkRun[]> {
  const result = await project.devenv(['spark', 'list', '--json']);
  return (JSON.parse(result.stdout) as { runs: SparkRun[] }).runs;
}

async function submit(words: readonly string[]) {
  return program('spark-submit', words);
}

/** As a task calls it, without a terminal. */
async function program(name: string, words: readonly string[]) {
  const child = spawn(path.join(project.root, '.devenv/bin', name), words, {
    cwd: project.root,
    env: project.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code) => resolve(code ?? -1));
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

function startSubmit(words: readonly string[]) {
  const child = spawn(path.join(project.root, '.devenv/bin/spark-submit'), words, {
    cwd: project.root,
    env: project.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let seen = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (seen += data.toString()));
  const code = new Promise<number>((resolve) => {
    child.on('exit', (ended, signal) => resolve(ended ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  return {
    code,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    printed: async (word: string) =>
      until(
        () => seen.includes(word),
        () => seen,
        4 * MINUTES,
      ),
  };
}

/** The command lines of the JVMs of this project. */
function jvms(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
  return lines
    .filter((line) => line.includes(project.root) && line.includes('org.apache.spark.deploy.SparkSubmit'))
    .join('\n');
}

async function noJvmLeft(): Promise<void> {
  await until(() => jvms() === '', jvms, MINUTES);
}
