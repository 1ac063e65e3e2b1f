import { availableParallelism, totalmem } from 'node:os';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import type { Machine } from './localResources.ts';
import { readSettingFiles } from './settingFiles.ts';
import { defaultsFiles, type SparkSetup } from './sparkSetup.ts';
import { readSubmission, type Submission } from './submission.ts';
import { parseSubmitArguments, type SparkProgram } from './submitArguments.ts';
import { planSubmission, type SubmitPlan } from './submitPlan.ts';

/** A command line of spark-submit or spark-sql in a project. */
export interface JobRequest {
  readonly program: SparkProgram;
  readonly words: readonly string[];
  /** The folder it was called in. */
  readonly callerDirectory: string;
}

/**
 * What the command line asks for, when it asks for YARN; `undefined` when the real program is to have it as it is: for
 * another master, for help, or for Spark to complain about.
 *
 * @throws DevenvError `spark_properties_unreadable` (misuse).
 */
export async function readJob(
  context: Pick<Context, 'env'>,
  project: Pick<Project, 'spark' | 'configFile'>,
  { program, words, callerDirectory }: JobRequest,
): Promise<Submission | undefined> {
  const parsed = parseSubmitArguments(program, words);
  if (parsed.mistake !== undefined || PASSED_FLAGS.some((flag) => parsed.flags.has(flag))) return undefined;
  if (['--kill', '--status', '--remote'].some((option) => parsed.options.has(option as '--kill')))
    return undefined;
  if (program === 'spark-submit' && parsed.application === undefined) return undefined;
  const home = context.env['SPARK_HOME'];
  const files = await readSettingFiles(parsed, callerDirectory, defaultsFiles(context, project, home));
  const submission = readSubmission(parsed, files);
  return submission.master === 'yarn' ? submission : undefined;
}

const PASSED_FLAGS = ['--help', '--version', '--usage-error'] as const;

/** The plan of a job on this machine. */
export function planJob(
  context: Pick<Context, 'env'>,
  project: Pick<Project, 'spark' | 'stateDirectory'>,
  job: { readonly submission: Submission; readonly callerDirectory: string; readonly runDirectory: string },
  setup: SparkSetup,
): SubmitPlan {
  const state = path.join(project.stateDirectory, 'spark');
  return planSubmission(job.submission, {
    callerDirectory: job.callerDirectory,
    runDirectory: job.runDirectory,
    env: context.env,
    machine: thisMachine(),
    sparkVersion: setup.spark.version,
    master: project.spark?.master,
    memory: project.spark?.memory,
    settings: project.spark?.conf ?? {},
    warehouseDirectory: path.join(state, 'warehouse'),
    metastoreDirectory: path.join(state, 'metastore'),
    defaultPython: setup.spark.python,
    programExists: existsSync,
    expand: filesMatching,
  });
}

/** Jobs that keep Hive's tables: the database of these takes one process at a time. */
export function usesMetastore(program: SparkProgram, { settings }: SubmitPlan): boolean {
  return program === 'spark-sql' || settings.get('spark.sql.catalogImplementation') === 'hive';
}

/** spark-sql without a statement or a file is a prompt. */
export function isInteractive(
  program: SparkProgram,
  { arguments: { applicationArguments } }: Submission,
): boolean {
  return program === 'spark-sql' && !applicationArguments.some((word) => word === '-e' || word === '-f');
}

/** Patterns in the last part of a path only. */
function filesMatching(pattern: string): string[] {
  const folder = path.dirname(pattern);
  const escaped = path.basename(pattern).replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const matching = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  try {
    const names = readdirSync(folder).filter((name) => matching.test(name) && !name.startsWith('.'));
    return names.toSorted().map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/** A container may have less than the machine. */
function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return { cores: availableParallelism(), memoryBytes: limit > 0 && limit < total ? limit : total };
}
