import path from 'node:path';
import type { Context } from '../context.ts';
import { startPipedProcess } from '../platform/pipedProcess.ts';
import { readJsonLines } from '../platform/jsonLines.ts';
import type { RunEvent } from './events.ts';
import type { RunConnection } from './runConnection.ts';
import { pythonSource, runnerEnvironment, type RunnerSpec } from './runner.ts';

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
    events: readJsonLines<RunEvent>(child.output),
    // What the Python side takes for a cancellation: `airflow_devenv/cancellation.py`.
    cancel: (how) => child.kill(how === 'force' ? 'SIGUSR2' : 'SIGUSR1'),
    close: () => child.kill('SIGUSR1'),
  };
}
