import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Project } from '../config/project.ts';
import type { Context, OnInterrupt } from '../context.ts';
import type { HdfsFiles } from '../hdfs/client/hdfsFiles.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { runGuarded } from '../platform/guardedProcess.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { definedOnly } from '../platform/definedOnly.ts';
import { checkNameservices } from '../hdfs/configuration/checkNameservices.ts';
import { openDriverLog } from './driverLog.ts';
import { jobEnvironment } from './jobEnvironment.ts';
import { placeFiles } from './placeFiles.ts';
import { formatProperties } from './propertiesFile.ts';
import { logFile, removeWorkFiles, type RunState, type SparkRun, writeRun } from './runRecords.ts';
import { type JobRequest, usesMetastore } from './sparkJob.ts';
import type { SparkSetup } from './sparkSetup.ts';
import type { SubmitPlan } from './submitPlan.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface JobRun {
  readonly project: Pick<Project, 'stateDirectory' | 'hdfs'>;
  readonly request: JobRequest;
  readonly plan: SubmitPlan;
  readonly setup: SparkSetup;
  /** Of this run; it exists. */
  readonly folder: string;
  readonly run: SparkRun;
  readonly hdfs: () => Promise<HdfsFiles>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly warn: (text: string) => void;
  /** A person types to it. */
  readonly interactive: boolean;
  readonly onInterrupt: OnInterrupt;
  /** From now on signals are for the job. */
  readonly handOverSignals: () => void;
}

/** What Spark and its Python are given to end by themselves; Airflow waits a minute before it kills. */
export const GRACE_MS = 10_000;

/**
 * Runs a planned job: brings its files, starts the real program, passes on what it prints, and keeps a record and the
 * log. Nothing of it outlives us.
 *
 * @returns its exit code.
 * @throws DevenvError `spark_file_not_found` and what else `placeFiles` throws.
 */
export async function runJob(context: Context, job: JobRun): Promise<number> {
  const log = openDriverLog(logFile(job.folder));
  let run = job.run;
  const update = async (change: Partial<SparkRun>): Promise<void> => {
    run = { ...run, ...change };
    await writeRun(job.folder, run);
  };
  try {
    await prepare(context, job);
    const work = async (): Promise<number> => execute(context, job, log, update);
    const code = usesMetastore(job.request.program, job.plan)
      ? await withMetastore(context, job, work)
      : await work();
    await update({ state: stateOf(code), exitCode: code, endedAt: context.now() });
    return code;
  } catch (error) {
    const state = context.signal.aborted ? 'killed' : 'failed';
    log.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await update({ state, endedAt: context.now() });
    throw error;
  } finally {
    log.end();
    await finished(log).catch(() => {});
    await removeWorkFiles(job.folder);
  }
}

async function prepare(context: Context, job: JobRun): Promise<void> {
  const { plan, folder } = job;
  await checkNameservices(
    plan.placements.map(({ source }) => source),
    job.project.hdfs,
    'the job asks for',
  );
  // Spark itself needs the server, too.
  if (job.project.hdfs !== undefined) await job.hdfs();
  await makePrivateFolder(plan.containerDirectory);
  await mkdir(path.join(folder, 'local'), { mode: 0o700 });
  await placeFiles(context, plan.placements, {
    hdfs: job.hdfs,
    cacheDirectory: path.join(job.project.stateDirectory, 'spark', 'archives'),
    downloadDirectory: path.join(folder, 'fetched'),
    python: job.setup.spark.python,
    warn: job.warn,
  });
  // Settings may hold secrets, and command lines are for everybody to see.
  await writeFile(settingsFile(folder), formatProperties(plan.settings), { mode: 0o600 });
  await copyLogging(context.env['SPARK_CONF_DIR'], path.join(folder, 'conf'));
  if (plan.workerScript !== undefined) {
    await writeFile(plan.workerScript.path, plan.workerScript.text, { mode: 0o700 });
    await chmod(plan.workerScript.path, 0o700);
  }
}

/** Of a folder of Spark's configuration only how to log holds here: `spark-env.sh` speaks of the cluster. */
async function copyLogging(from: string | undefined, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const names = from === undefined ? [] : await readdir(from).catch(() => []);
  for (const name of names.filter((each) => /^log4j2?\.(?:properties|xml|ya?ml|json)$/.test(each)))
    await copyFile(path.join(from ?? '', name), path.join(to, name)).catch(() => {});
}

function settingsFile(folder: string): string {
  return path.join(folder, 'spark.conf');
}

async function execute(
  context: Context,
  job: JobRun,
  log: Writable,
  update: (change: Partial<SparkRun>) => Promise<void>,
): Promise<number> {
  const { plan, setup, request, folder } = job;
  const program = path.join(setup.spark.home, 'bin', request.program);
  const words = ['--properties-file', settingsFile(folder), ...plan.arguments];
  const env = definedOnly(jobEnvironment(context.env, job));
  context.signal.throwIfAborted();
  job.handOverSignals();
  if (job.interactive) {
    await update({ state: 'running' });
    const { onInterrupt } = job;
    return runInForeground(program, words, {
      env,
      cwd: plan.workingDirectory,
      onInterrupt,
      sharesTerminal: true,
    });
  }
  return runGuarded(program, words, {
    env,
    cwd: plan.workingDirectory,
    stdout: [job.stdout, log],
    stderr: [job.stderr, log],
    onInterrupt: job.onInterrupt,
    graceMs: GRACE_MS,
    endsWithParent: job.run.task !== undefined,
    onStarted: async (group) => {
      const groupStart = await processStartTime(group, context.platform);
      await update({ state: 'running', group, groupStart });
    },
  });
}

/** Derby, which holds them, lets one process in at a time. */
async function withMetastore<T>(context: Context, job: JobRun, work: () => Promise<T>): Promise<T> {
  const lock = path.join(job.project.stateDirectory, 'spark', 'metastore.lock');
  const emit = (event: { readonly type: string; readonly text: string }): void => job.warn(event.text);
  const purpose = 'another job that uses the tables of this project';
  return withAnnouncedLock({ ...context, emit }, lock, purpose, work);
}

function stateOf(exitCode: number): RunState {
  if (exitCode === 0) return 'succeeded';
  return [130, 137, 143].includes(exitCode) ? 'killed' : 'failed';
}
