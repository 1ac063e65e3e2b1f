import { Command } from 'commander';
import { ensureEnvironment } from '../airflow/environment.ts';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { environmentRequest } from '../dagruns/runnerSpec.ts';
import { openHdfs } from '../hdfs/openHdfs.ts';
import { runJob } from '../spark/runJob.ts';
import { beginRun } from '../spark/beginRun.ts';
import { passThrough } from '../spark/passThrough.ts';
import { isInteractive, planJob, readJob, type JobRequest } from '../spark/sparkJob.ts';
import { type SparkSetup, sparkSetup } from '../spark/sparkSetup.ts';
import type { Submission } from '../spark/submission.ts';
import type { SparkProgram } from '../spark/submitArguments.ts';
import { describePlan } from '../spark/describePlan.ts';
import { type CommandProgress, createCommandProgress } from '../ui/commandProgress.ts';
import { commandContext, currentFolder, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

/** What `.devenv/bin/spark-submit` and `.devenv/bin/spark-sql` call. Not for people, so that help does not list it. */
export function sparkProgramCommand(
  commandHost: CommandHost,
  program: SparkProgram,
  finish: (code: number) => void,
): Command {
  return new Command(program)
    .description(`Takes what ${program} takes, and runs a job for YARN on this machine.`)
    .argument('[arguments...]', `everything behind the word is ${program}'s`)
    .action(async (words: string[], _flags: unknown, command: Command) => {
      finish(await submit(commandHost, command.optsWithGlobals<GlobalOptions>(), program, words));
    });
}

async function submit(
  commandHost: CommandHost,
  options: GlobalOptions,
  program: SparkProgram,
  words: readonly string[],
): Promise<number> {
  const { host } = commandHost;
  const progress = createCommandProgress(host);
  try {
    const context = commandContext(commandHost, options, progress.emit);
    const project = await loadProject(context, { configFile: options.config });
    const request: JobRequest = { program, words, callerDirectory: currentFolder(host) };
    const submission = await readJob(context, project, request);
    const setup = await sparkSetup(context, project, await airflowEnvironment(context, project));
    if (submission === undefined) return await passThrough(context, commandHost, request, setup);
    return await run(commandHost, progress, { context, project, request, submission, setup });
  } finally {
    progress.close();
  }
}

interface Job {
  readonly context: Context;
  readonly project: Project;
  readonly request: JobRequest;
  readonly submission: Submission;
  readonly setup: SparkSetup;
}

async function run(commandHost: CommandHost, progress: CommandProgress, job: Job): Promise<number> {
  const { context, project, request, submission, setup } = job;
  const { host, onInterrupt, handOverSignals } = commandHost;
  if (context.env[PLAN_ONLY]) {
    const runDirectory = '/run';
    const plan = planJob(context, project, { ...request, submission, runDirectory }, setup);
    for (const line of describePlan(plan)) progress.note(line);
    return 0;
  }
  const begun = await beginRun(context, project, request, (runDirectory) => ({
    plan: planJob(context, project, { ...request, submission, runDirectory }, setup),
    sparkVersion: setup.spark.version,
  }));
  for (const line of begun.headline) progress.note(line);
  const hdfs = openLater(async () => openHdfs(context, project));
  try {
    return await runJob(context, {
      ...begun,
      project,
      request,
      setup,
      hdfs: hdfs.open,
      stdout: host.stdout,
      stderr: host.stderr,
      warn: (text) => progress.note(text),
      interactive: isInteractive(request.program, submission),
      onInterrupt,
      handOverSignals,
    });
  } finally {
    await hdfs.close();
  }
}

/** Set to anything, the plan is printed and nothing is run: to see what a task's command line becomes. */
const PLAN_ONLY = 'AIRFLOW_DEVENV_SPARK_PLAN';

/** Where pyspark may be among the requirements. In tasks it is named by a variable. */
async function airflowEnvironment(context: Context, project: Project): Promise<string | undefined> {
  if (project.spark?.version !== undefined) return undefined;
  const named = context.env['VIRTUAL_ENV'];
  return named ?? (await ensureEnvironment(context, environmentRequest(project))).directory;
}

function openLater<T extends { close(): unknown }>(
  open: () => Promise<T>,
): { open: () => Promise<T>; close: () => Promise<void> } {
  let opened: Promise<T> | undefined;
  return {
    open: async () => (opened ??= open()),
    close: async () => {
      if (opened !== undefined) (await opened).close();
    },
  };
}
