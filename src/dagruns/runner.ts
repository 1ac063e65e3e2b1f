import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../airflow/environment.ts';
import type { Context } from '../context.ts';
import { schemaFingerprint, templateName, type DatabaseDescription } from '../database/describeDatabase.ts';
import { sqliteTemplate } from '../database/sqlite.ts';
import { assetsDirectory } from '../platform/assets.ts';
import { startDaemon } from '../platform/daemon.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { readJsonLines } from '../platform/jsonLines.ts';
import { untilProcessGone } from '../platform/processIdentity.ts';
import { connectUnix } from '../platform/unixSocket.ts';
import { endUnfinishedBeginning, recordBeginning } from './beginningRunner.ts';
import { connectToRunner } from './runConnection.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** Everything that decides which preloaded process a run may use. */
export interface RunnerSpec {
  readonly environment: Environment;
  readonly database: DatabaseDescription;
  readonly airflowEnvironment: Readonly<Record<string, string>>;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
}

/**
 * The socket of the preloaded process for this environment. Its name changes with everything that the process
 * reads only once: the virtual environment, Airflow's settings, the database, our own Python code.
 */
export function runnerSocket(spec: RunnerSpec): string {
  const settings = Object.entries(spec.airflowEnvironment)
    .filter(([name]) => name.startsWith('AIRFLOW__') || READ_ONCE.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const { fingerprint, stamp } = spec.environment;
  // Who has loaded an installation that is gone may have met the damage for which it was made anew.
  const everything = [fingerprint, stamp, spec.database.url, settings, sourceStamp(pythonSource())];
  const key = createHash('sha256').update(JSON.stringify(everything)).digest('hex').slice(0, 12);
  return path.join(spec.runtimeDirectory, `r-${key}.sock`);
}

/** `AIRFLOW_DEVENV_WITHOUT` names what the Python side leaves out: `airflow_devenv/contract/accelerators.py`. */
const READ_ONCE: ReadonlySet<string> = new Set(['AIRFLOW_HOME', 'AIRFLOW_DEVENV_WITHOUT']);

/** Where the same process is asked for services of a stack. */
export function controlSocket(spec: RunnerSpec): string {
  return controlSocketBeside(runnerSocket(spec));
}

function controlSocketBeside(socket: string): string {
  return path.join(path.dirname(socket), path.basename(socket).replace(/^r-/, 's-'));
}

export function pythonSource(): string {
  return path.join(assetsDirectory(), 'airflow', 'python', 'airflow_devenv');
}

function sourceStamp(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === '__pycache__' ? [] : sourceStamp(full);
    const { mtimeMs, size } = statSync(full);
    return [`${entry.name} ${mtimeMs} ${size}`];
  });
}

export interface StartRunnerOptions {
  /** It is started for the services of a stack: what makes test runs quick comes after them. */
  readonly servicesFirst?: boolean;
}

/**
 * Starts the preloaded process, unless somebody has just done it. Processes of the project for other settings
 * are told to end: nobody will ask them again.
 *
 * @throws DevenvError `daemon_failed` with the end of its log.
 */
export async function startRunner(
  context: Context,
  spec: RunnerSpec,
  { servicesFirst = false }: StartRunnerOptions = {},
): Promise<void> {
  const socket = runnerSocket(spec);
  const lock = path.join(spec.runtimeDirectory, 'runner.lock');
  await withAnnouncedLock(context, lock, 'another devenv that loads Airflow', async () => {
    // A warm runner may live a little longer than the process that services are forked from.
    if ((await isListening(socket)) && (await isControlled(spec))) return;
    await stopRunners(spec.runtimeDirectory);
    await makePrivateFolder(path.join(spec.stateDirectory, 'airflow', 'no-plugins'));
    const step = {
      type: 'step',
      id: 'runner.start',
      text: `Loading Airflow ${spec.environment.airflowVersion}`,
    } as const;
    context.emit({ ...step, state: 'working' });
    await recordBeginning(spec.runtimeDirectory, async (mark, started) => {
      await startDaemon(spec.environment.python, [pythonSource(), 'preload', socket], {
        env: {
          ...runnerEnvironment(context, spec),
          ...mark,
          [STACK_VARIABLE]: path.basename(spec.runtimeDirectory),
          ...(servicesFirst ? { AIRFLOW_DEVENV_SERVICES_FIRST: '1' } : {}),
        },
        cwd: spec.stateDirectory,
        logFile: path.join(spec.stateDirectory, 'logs', 'runner.log'),
        runAs: undefined,
        signal: context.signal,
        isReady: async (pid) => {
          await started(pid);
          return isListening(socket);
        },
        timeoutMs: 120_000,
      });
    });
    context.emit({ ...step, state: 'done' });
  });
}

/** Names the project in the environment of all that is forked here: what outlives everybody is found by it. */
export const STACK_VARIABLE = 'AIRFLOW_DEVENV_STACK';

/** What the Python side gets beyond Airflow's own variables, in the runner and without it. */
export function runnerEnvironment(context: Context, spec: RunnerSpec): Record<string, string> {
  const template =
    spec.database.kind === 'postgres'
      ? templateName(schemaFingerprint(spec.environment, spec.airflowEnvironment))
      : sqliteTemplate(context, spec.environment, spec.airflowEnvironment);
  return {
    ...spec.airflowEnvironment,
    // Author's plugins are loaded in each run, never in the process that outlives the edit of one.
    AIRFLOW__CORE__PLUGINS_FOLDER: path.join(spec.stateDirectory, 'airflow', 'no-plugins'),
    AIRFLOW__LOGGING__JSON_LOGS: 'True',
    // The rows of old runs are looked for after every task otherwise; a scheduler's own tasks still do it.
    [spec.environment.airflowVersion.startsWith('2.') ? OLD_RETENTION : RETENTION]: '0',
    PGAPPNAME: 'airflow-devenv run-dag',
    AIRFLOW_DEVENV_TEMPLATE_DATABASE: template,
    AIRFLOW_DEVENV_RUNS_DIRECTORY: runsDirectory(spec.stateDirectory),
  };
}

/** Renamed in 3.3, where the old name warns in every run; minors between the two ignore the new one. */
const RETENTION = 'AIRFLOW__CORE__NUM_DAG_RUNS_TO_RETAIN_RENDERED_FIELDS';
const OLD_RETENTION = 'AIRFLOW__CORE__MAX_NUM_RENDERED_TI_FIELDS_PER_TASK';

export function runsDirectory(stateDirectory: string): string {
  return path.join(stateDirectory, 'runs');
}

async function isControlled(spec: RunnerSpec): Promise<boolean> {
  const connection = await connectUnix(controlSocket(spec));
  connection?.destroy();
  return connection !== undefined;
}

async function isListening(socket: string): Promise<boolean> {
  const connection = await connectToRunner(socket, { kind: 'ping' });
  connection?.close();
  return connection !== undefined;
}

/**
 * Tells every preloaded process of a project to end, and waits until each has done so. One with services of a stack
 * goes on, unless forced.
 */
export async function stopRunners(
  runtimeDirectory: string,
  options: { readonly force?: boolean } = {},
): Promise<number> {
  const names = await readdir(runtimeDirectory).catch(() => []);
  let stopped = 0;
  for (const name of names.filter((each) => each.startsWith('r-') && each.endsWith('.sock'))) {
    // Asked before: it closes its sockets some time before it has given all its memory back.
    const socket = path.join(runtimeDirectory, name);
    const pid = await preloadedPid(controlSocketBeside(socket));
    if (!(await stopRunner(socket, options))) continue;
    stopped += 1;
    if (pid !== undefined) await untilProcessGone({ pid }, LAST_BREATH_MS);
  }
  await endUnfinishedBeginning(runtimeDirectory);
  return stopped;
}

/** @returns false when nobody listens, or services are in the way. */
async function stopRunner(socket: string, options: { readonly force?: boolean }): Promise<boolean> {
  const connection = await connectToRunner(socket, { kind: 'stop', ...options });
  if (connection === undefined) return false;
  // It has 10 s to end its runs; one that was stopped by a signal never answers.
  const timer = setTimeout(() => connection.close(), STOP_MS);
  let busy = false;
  for await (const { event } of connection.events) busy ||= (event as string) === 'busy';
  clearTimeout(timer);
  connection.close();
  return !busy;
}

/** Whoever connects to the control socket is told first who is there. */
async function preloadedPid(controlSocketPath: string): Promise<number | undefined> {
  const socket = await connectUnix(controlSocketPath);
  if (socket === undefined) return undefined;
  // It may be loading Airflow's API for seconds; then it is not worth waiting for.
  const timer = setTimeout(() => socket.destroy(), GREETING_MS);
  try {
    for await (const { pid } of readJsonLines<{ readonly pid?: number }>(socket)) return pid;
  } catch {
    // Too slow.
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  return undefined;
}

const STOP_MS = 30_000;
const GREETING_MS = 2_000;
const LAST_BREATH_MS = 5_000;
