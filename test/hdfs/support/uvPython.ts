import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureUv } from '../../../src/airflow/uv.ts';
import { context } from './hdfsProject.ts';

const LONGEST_MS = 4 * 60_000;

/**
 * Runs a Python with packages, which come from the index that uv is configured for.
 *
 * @param packages as `uv run --with` takes them.
 * @param words arguments of Python.
 */
export async function runPython(
  packages: readonly string[],
  words: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly stdout: string }> {
  const uv = await ensureUv({ ...context(), env: process.env });
  const args = ['run', '--no-project', '--quiet', ...packages.flatMap((each) => ['--with', each])];
  const run = promisify(execFile)(uv, [...args, 'python', ...words], {
    cwd,
    env: { ...process.env, ...environment },
    maxBuffer: 16 * 1024 * 1024,
    timeout: LONGEST_MS,
  });
  return run.catch((error: Error & { stdout: string; stderr: string }) => {
    throw new Error(`${error.message}\n${error.stdout.slice(-4000)}\n${error.stderr.slice(-4000)}`);
  });
}
