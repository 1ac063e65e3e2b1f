import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DevenvError } from '../errors.ts';
import { childVariables } from './childVariables.ts';
import { signalGroup } from './processGroup.ts';

export interface GroupLeaderOptions {
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input: string;
  readonly onLine: (line: string) => void;
}

export interface GroupLeader {
  readonly pid: number;
  /** Resolves when it has ended and the rest of its group was killed. */
  readonly ended: Promise<{ readonly code?: number | undefined; readonly signal?: string | undefined }>;
}

/**
 * Starts a child that leads a process group of its own; it is this process's child all the same.
 *
 * @throws DevenvError `service_not_started`.
 */
export async function startGroupLeader(
  file: string,
  args: readonly string[],
  options: GroupLeaderOptions,
): Promise<GroupLeader> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: childVariables(options.env),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const started = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<{ code?: number | undefined; signal?: string | undefined }>();
  child.once('spawn', () => started.resolve(child.pid ?? 0));
  child.once('error', (error) => started.reject(notStarted(file, error)));
  child.once('exit', (code, signal) => {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    ended.resolve({ code: code ?? undefined, signal: signal ?? undefined });
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', options.onLine);
  }
  // It may end before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  return { pid: await started.promise, ended: ended.promise };
}

function notStarted(file: string, cause: Error): DevenvError {
  return new DevenvError({
    code: 'service_not_started',
    what: `${file} can't be started.`,
    why: cause.message,
    next: ['devenv doctor looks at the environment'],
    cause,
  });
}
