import { spawn, type ChildProcess } from 'node:child_process';
import { appendFile, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevenvError } from '../errors.ts';
import { childVariables } from './childVariables.ts';
import { pasteableCommand } from './childProcess.ts';
import { diskFullError, fileSystemError } from './fileSystemError.ts';
import type { RunAs } from './runAs.ts';
import { makePrivateFolder } from './privateFolder.ts';

export interface DaemonOptions {
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Gets what the process prints, 0600; moved to `<logFile>.1` first when it is longer than 10 MB. */
  readonly logFile: string;
  readonly runAs: RunAs | undefined;
  readonly signal: AbortSignal;
}

export interface ReadyOptions {
  /** Asked every few milliseconds with the daemon's pid. */
  readonly isReady: (pid: number) => Promise<boolean>;
  readonly timeoutMs: number;
}

/**
 * Starts a process that outlives this one, in a session of its own, and waits until it is ready.
 *
 * @returns its pid. When aborted while waiting, the daemon goes on.
 * @throws DevenvError `daemon_failed` with the end of its log when it ends before it is ready,
 * `daemon_not_ready` after the time (it goes on then, too); the signal's reason when aborted.
 */
export async function startDaemon(
  file: string,
  args: readonly string[],
  options: DaemonOptions & ReadyOptions,
): Promise<number> {
  const child = await spawnDetached(file, args, options);
  const deadline = performance.now() + options.timeoutMs;
  for (let wait = 3; ; wait = Math.min(wait * 1.3, 50)) {
    const ending = await Promise.race([child.ended, sleep(wait, undefined)]);
    if (ending !== undefined) throw await failure(child, ending);
    if (options.signal.aborted) child.letGo();
    options.signal.throwIfAborted();
    if (await options.isReady(child.pid)) {
      child.letGo();
      return child.pid;
    }
    if (performance.now() <= deadline) continue;
    child.letGo();
    throw await failure(child, undefined, options.timeoutMs);
  }
}

/**
 * Runs a program to its end as another user, with its output in a log file.
 *
 * @throws DevenvError `daemon_failed` with the end of its output when it fails.
 */
export async function runLogged(
  file: string,
  args: readonly string[],
  options: DaemonOptions,
): Promise<void> {
  const child = await spawnDetached(file, args, options);
  const ending = await child.ended;
  if (ending !== 'exit code 0') throw await failure(child, ending);
}

interface Detached {
  readonly pid: number;
  readonly name: string;
  readonly command: string;
  readonly logFile: string;
  readonly logStart: number;
  /** How it ended, in words. */
  readonly ended: Promise<string>;
  /** From now on this process may end before it. */
  readonly letGo: () => void;
}

async function spawnDetached(
  file: string,
  args: readonly string[],
  options: DaemonOptions,
): Promise<Detached> {
  options.signal.throwIfAborted();
  const { runAs, logFile } = options;
  const [program = file, ...words] = [...(runAs?.launcher ?? []), file, ...args];
  const log = await openLog(logFile);
  try {
    const logStart = (await log.stat()).size;
    const child = spawn(program, words, {
      cwd: options.cwd,
      env: childVariables(options.env),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...(runAs?.launcher.length === 0 ? { uid: runAs.uid, gid: runAs.gid } : {}),
    });
    const ended = endOf(child);
    const command = pasteableCommand(program, words);
    const name = path.basename(file);
    const letGo = (): void => {
      child.unref();
    };
    return { pid: child.pid ?? 0, name, command, logFile, logStart, ended, letGo };
  } finally {
    await log.close();
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
}

const LONGEST_LOG_BYTES = 10 * 1024 * 1024;

async function openLog(file: string) {
  await makePrivateFolder(path.dirname(file));
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LONGEST_LOG_BYTES) await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

const TAIL_LINES = 20;

async function failure(child: Detached, ending: string | undefined, timeoutMs = 0): Promise<DevenvError> {
  const log = (await readFile(child.logFile).catch(() => Buffer.alloc(0))).subarray(child.logStart);
  const tail = log.toString('utf8').trim().split('\n').slice(-TAIL_LINES).join('\n');
  const full = await withoutSpace(child, tail);
  if (full !== undefined) return full;
  return new DevenvError({
    code: ending === undefined ? 'daemon_not_ready' : 'daemon_failed',
    what:
      ending === undefined
        ? `${child.name} was not ready after ${timeoutMs / 1000} s.`
        : `${child.name} ended with ${ending}.`,
    why: tail || 'It printed nothing.',
    next: [`See its log: ${child.logFile}`, `Run it yourself: ${child.command}`],
  });
}

/** A program on a full disk says so in its log, where that still has space; else nothing can be written to it. */
async function withoutSpace(child: Detached, tail: string): Promise<DevenvError | undefined> {
  const said = tail.split('\n').findLast((line) => /no space left on device|ENOSPC/i.test(line));
  if (said !== undefined) return diskFullError(`start ${child.name}, whose log lies`, child.logFile, said);
  const refused = await appendFile(child.logFile, '\n').then(
    () => undefined,
    (error: unknown) => fileSystemError(error, `write the log of ${child.name}`, child.logFile),
  );
  return refused instanceof DevenvError && refused.code === 'disk_full' ? refused : undefined;
}
