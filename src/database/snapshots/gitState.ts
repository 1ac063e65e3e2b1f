import type { Context } from '../../context.ts';
import { runCommand } from '../../platform/childProcess.ts';
import type { GitState } from './snapshotRecord.ts';

/** Branch and commit of the work tree; undefined outside of one, before the first commit, and without Git. */
export async function gitState(
  context: Pick<Context, 'env' | 'signal'>,
  root: string,
): Promise<GitState | undefined> {
  try {
    const commit = await git(context, root, ['rev-parse', '--verify', '-q', 'HEAD']);
    if (commit === '') return undefined;
    const branch = await git(context, root, ['symbolic-ref', '-q', '--short', 'HEAD']);
    return { commit, ...(branch === '' ? {} : { branch }) };
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}

async function git(
  context: Pick<Context, 'env' | 'signal'>,
  root: string,
  args: readonly string[],
): Promise<string> {
  const { signal, env } = context;
  const result = await runCommand('git', args, { cwd: root, env, signal, allowFailure: true });
  return result.exitCode === 0 ? result.stdout.trim() : '';
}
