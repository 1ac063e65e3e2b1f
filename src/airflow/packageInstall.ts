import path from 'node:path';
import type { Context } from '../context.ts';
import type { StepEvent } from '../events.ts';
import { runCommand } from '../platform/childProcess.ts';
import { cleanEnvironment } from './childEnvironment.ts';
import { basePackages, type EnvironmentPlan } from './environmentPlan.ts';
import { installError } from './installError.ts';
import { overrideFile } from './locks.ts';

export interface InstallOptions {
  readonly uv: string;
  /** The virtual environment to install into. */
  readonly directory: string;
  readonly distrustCache: boolean;
}

/**
 * Installs the locked packages, and the project's requirements in one resolution with them: what the lock pins
 * stays as it is.
 *
 * @throws DevenvError `requirements_conflict`, `requirement_not_found`, `requirement_build_failed`,
 * `packages_unreachable`, `disk_full`, `environment_install_failed`.
 */
export async function installPackages(
  context: Context,
  plan: EnvironmentPlan,
  options: InstallOptions,
): Promise<void> {
  const progress = installProgress(context, plan);
  try {
    const result = await runCommand(options.uv, installArguments(plan, options), {
      env: { ...cleanEnvironment(context.env), NO_COLOR: '1' },
      // Paths in requirement files, and the project's own uv settings, count from there.
      cwd: plan.requirements[0] === undefined ? options.directory : path.dirname(plan.requirements[0]),
      signal: context.signal,
      allowFailure: true,
      onLine: progress.read,
    });
    if (result.exitCode !== 0) throw installError(plan, result.stderr);
    progress.end('done');
  } catch (error) {
    progress.end('failed');
    throw error;
  }
}

function installArguments(plan: EnvironmentPlan, options: InstallOptions): readonly string[] {
  const python = path.join(options.directory, 'bin', 'python');
  const common = ['pip', 'install', '--python', python, ...(options.distrustCache ? ['--no-cache'] : [])];
  const own = plan.requirements.flatMap((file) => ['-r', file]);
  const override = ['--override', overrideFile()];
  if (plan.lock.kind === 'constraints') {
    return [...common, ...basePackages(plan.airflowVersion), '-c', plan.lock.file, ...own, ...override];
  }
  // A lock is complete, so without further requirements there is nothing to resolve.
  if (own.length === 0) return [...common, '--no-deps', '-r', plan.lock.file];
  return [...common, '-r', plan.lock.file, ...own, ...override];
}

/** Follows uv by the lines it prints where there is no terminal: `Resolved 187 packages in 552ms`, … */
function installProgress(context: Context, plan: EnvironmentPlan) {
  const resolving: StepFields = { id: 'environment.resolve', text: 'Resolving requirements' };
  const installing: StepFields = {
    id: 'environment.install',
    text: `Installing Airflow ${plan.airflowVersion}`,
  };
  let current = resolving;
  let total: { readonly total?: number } = {};
  const emit = (fields: StepFields, state: StepEvent['state'], detail?: string) =>
    context.emit({ type: 'step', ...fields, state, ...total, ...(detail === undefined ? {} : { detail }) });
  emit(resolving, 'working');
  return {
    read: (line: string) => {
      const count = /^(?:Resolved|Prepared|Installed) (\d+) packages?/.exec(line)?.[1];
      if (current === resolving && line.startsWith('Resolved ')) {
        total = { total: Number(count) };
        emit(resolving, 'done', line);
        current = installing;
      }
      if (count !== undefined || /^\s*(Downloading|Building) /.test(line))
        emit(current, 'working', line.trim());
    },
    end: (state: 'done' | 'failed') => emit(current, state),
  };
}

type StepFields = Pick<StepEvent, 'id' | 'text'>;
