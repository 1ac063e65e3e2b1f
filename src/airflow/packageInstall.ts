import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import type { StepEvent } from '../events.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import type { EnvironmentPlan } from './environmentPlan.ts';
import { installError } from './installError.ts';
import { linkKept } from './linkKept.ts';
import { basePins } from './locks.ts';
import { authorFiles, hashedFiles, indexOptionsFile } from './resolution/authorFiles.ts';
import { reportSolution } from './resolution/reportSolution.ts';
import { type Solution, solve } from './resolution/solution.ts';
import { step } from './step.ts';

export interface InstallOptions {
  readonly uv: string;
  /** The virtual environment to install into. */
  readonly directory: string;
  readonly distrustCache: boolean;
  /** Install everything, also where a kept environment holds most of it. */
  readonly fromScratch: boolean;
}

/**
 * Installs what `solve` finds for the project's requirements, or without any what the lock says.
 *
 * @throws DevenvError as `solve`, and `requirement_build_failed`, `packages_unreachable`, `index_unauthorized`,
 * `disk_full`, `environment_install_failed`.
 */
export async function installPackages(
  context: Context,
  plan: EnvironmentPlan,
  options: InstallOptions,
): Promise<Solution> {
  const folder = path.join(options.directory, '.resolution');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const solution = await resolve(context, plan, options, folder);
    reportSolution(context, plan, solution);
    const isLinked =
      !options.fromScratch && (await linkKept(context, plan, solution.lines, options.directory));
    await install(context, plan, { ...options, folder, solution, isLinked });
    return solution;
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** A lock of ours is complete: without further requirements there is nothing to resolve. */
async function resolve(
  context: Context,
  plan: EnvironmentPlan,
  { uv, directory }: InstallOptions,
  folder: string,
): Promise<Solution> {
  if (plan.lock.kind === 'shipped' && plan.requirements.length === 0 && plan.projectLock === undefined) {
    return { lines: basePins(plan.lock.file, plan.pythonMinor), moved: [], leftOut: [] };
  }
  const python = path.join(directory, 'bin', 'python');
  const fields = { id: 'environment.resolve', text: 'Resolving requirements' };
  return step(context, fields, async () => solve(context, plan, { uv, python, folder }));
}

interface SolvedOptions extends InstallOptions {
  readonly folder: string;
  readonly solution: Solution;
  /** Packages are there already, some of which may not be wanted. */
  readonly isLinked: boolean;
}

async function install(context: Context, plan: EnvironmentPlan, options: SolvedOptions): Promise<void> {
  const { folder, solution } = options;
  const file = path.join(folder, 'solution.txt');
  await writeFile(file, `${solution.lines.join('\n')}\n`, { mode: 0o600 });
  const indexes = indexOptionsFile(plan.requirements, folder);
  const hashed = hashedFiles(authorFiles(plan.requirements, folder));
  const files = [file, ...(indexes === undefined ? [] : [indexes]), ...hashed];
  const args = [
    ...(options.isLinked ? ['pip', 'sync'] : ['pip', 'install', '--no-deps']),
    ...['--python', path.join(options.directory, 'bin', 'python')],
    ...(options.distrustCache ? ['--no-cache'] : []),
    ...files.flatMap((each) => (options.isLinked ? [each] : ['-r', each])),
  ];
  const progress = installProgress(context, plan, solution.lines.length);
  const result = await runCommand(options.uv, args, {
    env: { ...cleanEnvironment(context.env), NO_COLOR: '1' },
    // Paths in requirement files, and the project's own uv settings, count from there.
    cwd: plan.requirements[0] === undefined ? options.directory : path.dirname(plan.requirements[0]),
    signal: context.signal,
    allowFailure: true,
    onLine: progress.read,
  }).catch((error: unknown) => {
    progress.end('failed');
    throw error;
  });
  progress.end(result.exitCode === 0 ? 'done' : 'failed');
  if (result.exitCode !== 0) throw installError(plan, result.stderr);
}

/** Follows uv by the lines it prints where there is no terminal: `Prepared 187 packages in 552ms`, … */
function installProgress(context: Context, plan: EnvironmentPlan, total: number) {
  const text = `Installing Airflow ${plan.airflowVersion}`;
  const emit = (state: StepEvent['state'], detail?: string) =>
    context.emit({
      type: 'step',
      id: 'environment.install',
      text,
      state,
      total,
      ...(detail === undefined ? {} : { detail }),
    });
  emit('working');
  return {
    read: (line: string) => {
      if (/^\s*(?:Prepared|Installed|Downloading|Building) /.test(line)) emit('working', line.trim());
    },
    end: (state: 'done' | 'failed') => emit(state),
  };
}
