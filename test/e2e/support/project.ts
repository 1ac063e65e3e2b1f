import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunEvent } from '../../../src/dagruns/events.ts';

/** Another build can be tested: an installed package, or a copy while the sources are being edited. */
const PROGRAM =
  process.env['DEVENV_TEST_PROGRAM'] ?? path.resolve(import.meta.dirname, '../../../dist/devenv.js');

/** A project in a folder of its own, driven through the built program as a person drives it. */
export interface TestProject extends AsyncDisposable {
  readonly root: string;
  /** Writes files below the root; names are relative. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs `devenv …` in the root to its end. */
  devenv(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** `devenv run-dag --json …`, with the events parsed. */
  runDag(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts `devenv …` without waiting. */
  start(args: readonly string[], options?: RunOptions): Started;
  /** `pgrep`-like: pids whose environment or command line names this project. */
  readonly env: NodeJS.ProcessEnv;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Milliseconds; the process group is then killed and the test fails with what was printed. */
  readonly timeout?: number;
}

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface RunResult extends Result {
  readonly events: readonly RunEvent[];
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Result>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the condition holds for what was printed so far; fails with it after `timeout` ms. */
  waitFor(condition: (output: string) => boolean, timeout?: number): Promise<string>;
}

export type AirflowLine = '3.3.2' | '2.11.2';
export const AIRFLOW_LINES: readonly AirflowLine[] = ['3.3.2', '2.11.2'];

/** `await using project = await createProject({airflow: '3.3.2', files: {'dags/a.py': '…'}})` */
export async function createProject(options: {
  readonly airflow: string;
  readonly files: Readonly<Record<string, string>>;
  readonly database?: 'postgres' | 'sqlite';
  /** Part of the folder's name; spaces and non-ASCII are welcome. */
  readonly name?: string;
  /** Else a stack has a port of its own from the start: two that run at once never want the same. */
  readonly usesDefaultPort?: boolean;
}): Promise<TestProject> {
  const parent = await realpath(await mkdtemp(path.join(tmpdir(), 'devenv-e2e-')));
  const root = path.join(parent, options.name ?? 'project');
  const env = {
    ...process.env,
    AIRFLOW_DEVENV_RUNTIME: path.join(parent, 'r'),
    // The files of a test are its own.
    AIRFLOW_DEVENV_TRUST: parent,
    NO_COLOR: '1',
  };
  const configuration = `airflow: {version: ${options.airflow}}\ndatabase: ${options.database ?? 'postgres'}\n`;
  const project: TestProject = {
    root,
    env,
    write: (files) => writeFiles(root, files),
    devenv: (args, run) => startProgram(root, env, args, run).ended,
    runDag: async (args, run) => {
      const result = await startProgram(root, env, ['run-dag', '--json', ...args], run).ended;
      return { ...result, events: parseEvents(result.stdout) };
    },
    start: (args, run) => startProgram(root, env, args, run),
    [Symbol.asyncDispose]: async () => {
      await startProgram(root, env, ['down', '--all'], { timeout: 60_000 }).ended.catch(() => {});
      await rm(parent, { recursive: true, force: true });
    },
  };
  await project.write({ 'devenv.yaml': configuration, ...options.files });
  if (options.usesDefaultPort !== true) await rememberSomePort(root);
  return project;
}

/** As if an earlier start had had it. Below the ports that systems give to clients. */
async function rememberSomePort(root: string): Promise<void> {
  const state = path.join(root, '.devenv');
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeFile(
    path.join(state, 'ports.json'),
    JSON.stringify({ version: 1, api: randomInt(10_000, 32_000) }),
    { mode: 0o600 },
  );
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

export function parseEvents(stdout: string): RunEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as RunEvent);
}

function startProgram(
  root: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  options: RunOptions = {},
): Started {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--', PROGRAM, ...args], {
    cwd: options.cwd ?? root,
    env: { ...env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  // Of both streams, in the order in which it came.
  let all = '';
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      all += text;
      for (const watcher of watchers) watcher();
    });
  }
  const kill = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(child.pid, signal);
  };
  const everything = (): string => all;
  const timeout = options.timeout ?? 120_000;
  const ended = new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => {
      kill('SIGKILL');
      reject(
        new Error(`devenv ${args.join(' ')} did not end within ${timeout} ms. It printed:\n${everything()}`),
      );
    }, timeout);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const milliseconds = performance.now() - begun;
      resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 143), ...output, milliseconds });
    });
  });
  return {
    pid: child.pid ?? -1,
    ended,
    kill,
    waitFor: (condition, wait = 60_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`Not seen within ${wait} ms. It printed:\n${everything()}`));
        }, wait);
        const look = (): void => {
          if (!condition(everything())) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve(everything());
        };
        watchers.add(look);
        look();
      }),
  };
}

/** The one event of a kind; fails with all of them. */
export function the<Name extends RunEvent['event']>(
  result: RunResult,
  name: Name,
): Extract<RunEvent, { event: Name }> {
  const found = result.events.find((each): each is Extract<RunEvent, { event: Name }> => each.event === name);
  if (found !== undefined) return found;
  throw new Error(`No ${name} event (exit ${result.code}). Printed:\n${result.stdout}\n${result.stderr}`);
}

/** `task_id` or `task_id[0]` -> state, at the end of the run. */
export function finalStates(result: RunResult): Record<string, string> {
  return Object.fromEntries(
    the(result, 'run_finished').tasks.map((each) => [
      each.map_index < 0 ? each.task_id : `${each.task_id}[${each.map_index}]`,
      each.state,
    ]),
  );
}
