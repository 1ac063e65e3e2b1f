import path from 'node:path';
import type { Context } from '../context.ts';
import { startPipedProcess } from '../platform/pipedProcess.ts';
import { runCommand } from '../platform/childProcess.ts';
import { readEvents, type RunConnection } from './runConnection.ts';
import { pythonSource, runnerEnvironment, runsDirectory, type RunnerSpec } from './runner.ts';

/**
 * The same request in a fresh interpreter: slower to start, nothing preloaded, nothing left behind. Used with
 * `--no-runner`, and where a process can't be forked safely.
 */
export function runInFreshInterpreter(
  context: Context,
  spec: RunnerSpec,
  request: Readonly<Record<string, unknown>>,
): RunConnection {
  const child = startPipedProcess(spec.environment.python, [pythonSource(), 'once', '3'], {
    env: runnerEnvironment(context, spec),
    cwd: spec.stateDirectory,
    input: `${JSON.stringify(request)}\n`,
    logFile: path.join(spec.stateDirectory, 'logs', 'runner.log'),
  });
  return {
    events: readEvents(child.output),
    // SIGUSR1 is what the Python side takes for a cancellation: `airflow_devenv/cancellation.py`.
    cancel: (how) => child.kill(how === 'force' ? 'SIGKILL' : 'SIGUSR1'),
    close: () => child.kill('SIGKILL'),
  };
}

/** Marks the runs as failed whose processes are gone: what the runner does by itself. */
export async function endAbandonedRuns(context: Context, spec: RunnerSpec): Promise<void> {
  await runCommand(
    spec.environment.python,
    [pythonSource(), 'end-abandoned-runs', runsDirectory(spec.stateDirectory)],
    { env: runnerEnvironment(context, spec) },
  );
}
