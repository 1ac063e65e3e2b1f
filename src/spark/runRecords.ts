import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { errorCode, fileSystemError } from '../platform/fileSystemError.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export type RunState = 'preparing' | 'running' | 'succeeded' | 'failed' | 'killed';

/** What is kept of a job. Nothing secret is in it; times in milliseconds since the epoch. */
export interface SparkRun {
  readonly version: 1;
  /** As YARN's ids are: `application_1700000000000_0001`. */
  readonly id: string;
  /** `spark.app.name`, else the name of the job's file. */
  readonly name: string;
  readonly program: string;
  /** The command line as it was given. */
  readonly arguments: readonly string[];
  readonly master: string;
  readonly sparkVersion: string | undefined;
  readonly state: RunState;
  readonly exitCode: number | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** The process that looks after it, and what tells it from a later one of that pid. */
  readonly pid: number;
  readonly processStart: string | undefined;
  /** The process group of the JVM, and when its leader started. */
  readonly group: number | undefined;
  readonly groupStart: string | undefined;
  readonly task: AirflowTask | undefined;
  /** What was made different from what was asked, a sentence each. */
  readonly changes: readonly string[];
}

/** The Airflow task that has submitted it. */
export interface AirflowTask {
  readonly dagId: string;
  readonly taskId: string;
  readonly runId: string;
  readonly tryNumber: string;
}

/** Jobs whose record and log are kept. */
const KEPT_RUNS = 50;

/** Makes the folder of a new run; its name is the run's id. */
export async function createRunFolder(stateDirectory: string, now: number): Promise<string> {
  const parent = runsFolder(stateDirectory);
  try {
    await makePrivateFolder(parent);
    for (let number = 1; ; number += 1) {
      const folder = path.join(parent, `application_${now}_${String(number).padStart(4, '0')}`);
      try {
        await mkdir(folder, { mode: 0o700 });
        return folder;
      } catch (error) {
        // Two in one millisecond.
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw fileSystemError(error, 'make a folder for the job', parent);
  }
}

export async function writeRun(folder: string, run: SparkRun): Promise<void> {
  await writeFileAtomic(path.join(folder, RECORD), `${JSON.stringify(run, undefined, 2)}\n`);
}

export function logFile(folder: string): string {
  return path.join(folder, 'driver.log');
}

export function runFolder(stateDirectory: string, id: string): string {
  return path.join(runsFolder(stateDirectory), id);
}

/** All that are kept, the newest first; one whose process was killed is `killed`. */
export async function listRuns(stateDirectory: string): Promise<SparkRun[]> {
  const parent = runsFolder(stateDirectory);
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith('application_'));
  const runs = await Promise.all(names.map(async (name) => readRun(path.join(parent, name))));
  return runs
    .filter((each) => each !== undefined)
    .toSorted((left, right) => right.startedAt - left.startedAt || (left.id < right.id ? 1 : -1));
}

/**
 * Removes the oldest, and what killed ones have left of their files: environments are large.
 */
export async function pruneRuns(stateDirectory: string): Promise<void> {
  const ended = (await listRuns(stateDirectory)).filter((each) => !isActive(each));
  for (const [index, { id }] of ended.entries()) {
    const folder = runFolder(stateDirectory, id);
    if (index >= KEPT_RUNS) await rm(folder, { recursive: true, force: true }).catch(() => {});
    else await removeWorkFiles(folder);
  }
}

/** Everything but the record and the log. */
export async function removeWorkFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === RECORD || name === path.basename(logFile(folder))) continue;
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

function isActive({ state }: Pick<SparkRun, 'state'>): boolean {
  return state === 'preparing' || state === 'running';
}

async function readRun(folder: string): Promise<SparkRun | undefined> {
  try {
    const run = JSON.parse(await readFile(path.join(folder, RECORD), 'utf8')) as SparkRun;
    if (run.version !== 1) return undefined;
    if (!isActive(run) || (await processStartTime(run.pid)) === run.processStart) return run;
    return { ...run, state: 'killed' };
  } catch {
    return undefined;
  }
}

function runsFolder(stateDirectory: string): string {
  return path.join(stateDirectory, 'spark', 'runs');
}

const RECORD = 'run.json';
