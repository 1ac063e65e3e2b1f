import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { airflowEnvironment } from '../src/airflow/airflowEnvironment.ts';
import { ensureEnvironment } from '../src/airflow/environment.ts';
import { ensureKeys } from '../src/airflow/keys.ts';
import { loadProject } from '../src/config/loadProject.ts';
import { describeDatabase } from '../src/database/describeDatabase.ts';
import { runtimeDirectory } from '../src/platform/paths.ts';
import { timed } from './timing.mjs';

export const PROGRAM = path.resolve(import.meta.dirname, '../dist/devenv.js');

/** A project with the DAGs of `bench/dags`, and how to run them in each way. `end` stops and removes everything. */
export async function benchProject(airflowVersion) {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-bench-')));
  await cp(path.join(import.meta.dirname, 'dags'), path.join(root, 'dags'), { recursive: true });
  await writeFile(path.join(root, 'devenv.yaml'), `airflow: {version: ${airflowVersion}}\n`);
  const stopListening = endOnSignals(root);
  const devenv = (...args) => timed(process.execPath, [PROGRAM, ...args], { cwd: root, env: process.env });
  // Makes the environment and the database, so that the others find them.
  await devenv('run-dag', 'dags/one.py');
  const { python, env, database } = await airflowOf(root);
  const wall = async (file, ...args) => (await timed(file, args, { cwd: root, env })).milliseconds;
  return {
    runDag: async (name) => readRun(await devenv('run-dag', '--json', `dags/${name}.py`)),
    dagsTest: (name) => wall(python, '-m', 'airflow', 'dags', 'test', name),
    pythonFile: (name) => wall(python, `dags/${name}.py`),
    root,
    env,
    python,
    socketDirectory: database.socketDirectory,
    databaseName: database.name,
    devenv,
    startDatabase: () => devenv('airflow', 'db', 'check'),
    down: () => devenv('down', '--all'),
    end: async () => {
      await devenv('down', '--all');
      await rm(root, { recursive: true, force: true });
      stopListening();
    },
  };
}

/** So that a benchmark that is stopped leaves no server behind. Returns how to stop listening. */
function endOnSignals(root) {
  const signals = ['SIGINT', 'SIGTERM'];
  const end = (signal) => {
    spawnSync(process.execPath, [PROGRAM, 'down', '--all'], { cwd: root });
    rmSync(root, { recursive: true, force: true });
    // Nobody listens any more: this time the signal ends the process.
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

/** What `devenv run-dag` itself gives Airflow: interpreter, settings, database. */
async function airflowOf(root) {
  const context = {
    env: process.env,
    platform: process.platform,
    workingDirectory: root,
    now: Date.now,
    emit: () => {},
    signal: new AbortController().signal,
  };
  const project = await loadProject(context);
  const { version, python, requirements } = project.airflow;
  const environment = await ensureEnvironment(context, { airflowVersion: version, python, requirements });
  const keys = await ensureKeys(project.stateDirectory);
  const runtime = await runtimeDirectory(context, project.root);
  const database = describeDatabase(project, environment, runtime);
  return {
    python: environment.python,
    database,
    env: airflowEnvironment(context, { project, environment, keys, databaseUrl: database.url }),
  };
}

/** All in milliseconds. */
function readRun({ milliseconds, stdout }) {
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const find = (name) => events.find((each) => each.event === name);
  const finished = find('run_finished');
  return {
    wall: milliseconds,
    /** What is not the tasks' own code. */
    overhead: milliseconds - finished.task_ms,
    /** From the request to the last event. */
    inside: find('exit').t,
    warm: find('started').warm,
    taskInstances: finished.tasks.length,
  };
}
