import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { describeChange } from './describePlan.ts';
import { redactArguments } from './redaction.ts';
import { type AirflowTask, createRunFolder, pruneRuns, type SparkRun, writeRun } from './runRecords.ts';
import type { JobRequest } from './sparkJob.ts';
import type { SubmitPlan } from './submitPlan.ts';

export interface BegunRun {
  readonly folder: string;
  readonly run: SparkRun;
  readonly plan: SubmitPlan;
  /** To print: Airflow's hook looks for the id to kill the job by. */
  readonly headline: readonly string[];
}

/** Makes the folder and the record of a job, and with its place the plan. */
export async function beginRun(
  context: Context,
  project: Pick<Project, 'stateDirectory'>,
  request: JobRequest,
  plan: (folder: string) => { readonly plan: SubmitPlan; readonly sparkVersion: string },
): Promise<BegunRun> {
  await pruneRuns(project.stateDirectory);
  const startedAt = context.now();
  const folder = await createRunFolder(project.stateDirectory, startedAt);
  const made = plan(folder);
  const changes = made.plan.changes.map(describeChange);
  const run: SparkRun = {
    version: 1,
    id: path.basename(folder),
    name: nameOf(made.plan, request),
    program: request.program,
    arguments: redactArguments(request.words),
    master: made.plan.master,
    sparkVersion: made.sparkVersion,
    state: 'preparing',
    exitCode: undefined,
    startedAt,
    endedAt: undefined,
    pid: process.pid,
    processStart: await processStartTime(process.pid, context.platform),
    group: undefined,
    groupStart: undefined,
    task: taskOf(context.env),
    changes,
  };
  await writeRun(folder, run);
  const where = `Spark ${made.sparkVersion} as ${made.plan.master}, not on YARN`;
  return {
    folder,
    run,
    plan: made.plan,
    headline: [`Submitted application ${run.id} to ${where}`, ...changes.map((each) => `  ${each}`)],
  };
}

function nameOf({ settings, arguments: words }: SubmitPlan, { program }: JobRequest): string {
  const file = words.find((word) => /\.(?:py|jar|R)$/i.test(word));
  return settings.get('spark.app.name') ?? (file === undefined ? program : path.basename(file));
}

/** Airflow tells every task who it is. */
function taskOf(env: Context['env']): AirflowTask | undefined {
  const [dagId, taskId] = [env['AIRFLOW_CTX_DAG_ID'], env['AIRFLOW_CTX_TASK_ID']];
  if (!dagId || !taskId) return undefined;
  const [runId = '', tryNumber = ''] = [env['AIRFLOW_CTX_DAG_RUN_ID'], env['AIRFLOW_CTX_TRY_NUMBER']];
  return { dagId, taskId, runId, tryNumber };
}
