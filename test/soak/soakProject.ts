import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createProject, type Result, type Started, type TestProject } from '../e2e/support/project.ts';

/** Rows that are made once, and must be the same whatever is killed. */
const KEPT = 40;
/** Rows that each seed gives another generation: all of them or none. */
const BATCH = 60;
const DAG = `
from airflow.sdk import dag, task

@dag(schedule=None)
def soak():
    @task
    def work():
        import time
        time.sleep(0.3)
    work()

soak()
`;

/** Prints what the database has of the known rows, whichever kind it is: the next command after a kill. */
const LOOK = `
import hashlib, json, os, sqlalchemy
engine = sqlalchemy.create_engine(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
with engine.connect() as connection:
    rows = [tuple(row) for row in connection.execute(sqlalchemy.text(
        "select key, val, description from variable order by key"))]
kept = [row for row in rows if row[0].startswith("kept_")]
batch = [row for row in rows if row[0].startswith("batch_")]
print("SOAK" + json.dumps({"kept": len(kept), "digest": hashlib.sha256(repr(kept).encode()).hexdigest(),
    "batch": len(batch), "generations": sorted({row[2] for row in batch})}))
`;

/** What the database has of the known rows. */
export interface SeenRows {
  readonly kept: number;
  readonly digest: string;
  readonly batch: number;
  readonly generations: readonly string[];
}

export interface SoakProject extends AsyncDisposable {
  readonly kind: 'postgres' | 'sqlite';
  /** Of everything: the project, its runtime folder, its temporary files. */
  readonly folder: string;
  readonly project: TestProject;
  /** Texts that may be in no file. */
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch: what the cache got since then is looked at. */
  readonly begunAt: number;
  devenv(args: readonly string[], timeout?: number): Promise<Result>;
  start(args: readonly string[]): Started;
  /** `devenv secrets set soak`, with a secret on standard input. */
  startSecret(): Started;
  /** Files that make the next seed another one. */
  nextGeneration(): Promise<void>;
  rows(): Promise<SeenRows>;
}

export async function createSoakProject(kind: 'postgres' | 'sqlite'): Promise<SoakProject> {
  const project = await createProject({
    airflow: '3.3.2',
    files: { 'dags/soak.py': DAG, 'look.py': LOOK },
    database: kind,
  });
  const folder = path.dirname(project.root);
  const [stored, typed] = ['stored', 'typed'].map(
    (name) => `soak-${name}-${Math.random().toString(36).slice(2)}`,
  );
  const secrets = [stored ?? '', typed ?? ''];
  const env = {
    TMPDIR: path.join(folder, 'tmp'),
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    SOAK_SECRET: stored,
  };
  await mkdir(env.TMPDIR, { mode: 0o700 });
  let generation = 0;
  const soak: SoakProject = {
    kind,
    folder,
    project,
    secrets,
    begunAt: Date.now(),
    devenv: (args, timeout = 180_000) => project.devenv(args, { env, timeout }),
    start: (args) => project.start(args, { env, timeout: 180_000 }),
    startSecret: () => startWithInput(project, env, typed ?? ''),
    async nextGeneration() {
      generation += 1;
      await writeFile(path.join(project.root, 'seed', 'variables.yaml'), seedFile(generation));
    },
    async rows() {
      const { code, stdout, stderr } = await soak.devenv(['python', 'look.py']);
      const line = stdout.split('\n').find((each) => each.startsWith('SOAK'));
      if (line === undefined) throw new Error(`look.py: exit ${code}\n${stdout}\n${stderr}`);
      return JSON.parse(line.slice('SOAK'.length)) as SeenRows;
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
  await mkdir(path.join(project.root, 'seed'));
  await soak.nextGeneration();
  for (const args of [
    ['run-dag', '-q', 'dags/soak.py'],
    ['seed', '-q'],
    ['snapshot', 'save', '-q', 'base'],
  ]) {
    const { code, stdout, stderr } = await soak.devenv(args);
    if (code !== 0) throw new Error(`devenv ${args.join(' ')}: exit ${code}\n${stdout}\n${stderr}`);
  }
  return soak;
}

export const EXPECTED = { kept: KEPT, batch: BATCH };

function seedFile(generation: number): string {
  const kept = numbers(KEPT).map((each) => `kept_${each}: {value: "value ${each}", description: kept}`);
  const batch = numbers(BATCH).map(
    (each) => `batch_${each}: {value: "v${generation}", description: "${generation}"}`,
  );
  return [...kept, ...batch, 'hidden: env:SOAK_SECRET', ''].join('\n');
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function startWithInput(project: TestProject, env: NodeJS.ProcessEnv, input: string): Started {
  const program =
    process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../dist/devenv.js');
  const child = spawn(process.execPath, [program, 'secrets', 'set', 'soak'], {
    cwd: project.root,
    env: { ...project.env, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<Result>((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? 137, stdout: '', stderr: '', milliseconds: 0 }));
  });
  return {
    pid: child.pid ?? -1,
    ended,
    kill: (signal) => void child.kill(signal),
    waitFor: () => Promise.reject(new Error('its output is not kept')),
  };
}
