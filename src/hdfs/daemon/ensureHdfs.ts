import { connect } from 'node:net';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { startDaemon } from '../../platform/daemon.ts';
import { definedOnly } from '../../platform/definedOnly.ts';
import { withAnnouncedLock } from '../../platform/announcedLock.ts';
import { ownProgram } from '../../platform/ownProgram.ts';
import { processExists } from '../../platform/processGroup.ts';
import { processStartTime, untilProcessGone } from '../../platform/processIdentity.ts';
import { listProcesses } from '../../platform/processTable.ts';
import { systemUser } from '../configuration/hadoopUser.ts';
import { hdfsLock, startLock } from './hdfsLock.ts';
import type { HdfsPlace } from './hdfsPlace.ts';
import { readRecord, runningServer, type HdfsRecord } from './hdfsRecord.ts';

export interface EnsureHdfsOptions {
  /** The interpreter and the script that serve; this very program unless a test says otherwise. */
  readonly program?: readonly [string, ...string[]];
  /** Called with the place when the server had to be started. */
  readonly onStarted?: (place: HdfsPlace) => Promise<void>;
}

const READY_MS = 20_000;
const CONNECT_MS = 2_000;

/**
 * Where the project's HDFS answers. Started when it does not run; a server that runs costs the reading of a file and
 * a connection.
 *
 * @param project.stateDirectory `.devenv` of the project.
 * @throws DevenvError `hdfs_not_starting`; the signal's reason when aborted while waiting.
 */
export async function ensureHdfs(
  context: Context,
  project: { readonly stateDirectory: string },
  options: EnsureHdfsOptions = {},
): Promise<HdfsPlace> {
  const { stateDirectory } = project;
  const found = await answeringServer(stateDirectory);
  if (found !== undefined) return found;
  return withAnnouncedLock(
    context,
    startLock(stateDirectory),
    'another devenv that starts or ends HDFS',
    async () => {
      const started = await answeringServer(stateDirectory);
      if (started !== undefined) return started;
      await endHdfsServer(stateDirectory, context.platform);
      const place = await start(context, stateDirectory, options.program ?? ownProgram());
      await options.onStarted?.(place);
      return place;
    },
  );
}

/** The server of the record, if it takes connections: nothing more is asked for, so that this costs no millisecond. */
export async function answeringServer(stateDirectory: string): Promise<HdfsRecord | undefined> {
  const record = await readRecord(stateDirectory);
  if (record === undefined || !(await accepts(record))) return undefined;
  return (await isAlive(record.pid)) ? record : undefined;
}

/** A killed process takes connections until the last of its threads has gone. */
async function isAlive(pid: number): Promise<boolean> {
  return process.platform === 'linux' ? (await processStartTime(pid)) !== undefined : processExists(pid);
}

/**
 * Ends the project's server, as `devenv down` does.
 *
 * @returns whether it ran.
 */
export async function stopHdfs(
  context: Pick<Context, 'platform' | 'signal'>,
  project: { readonly stateDirectory: string },
): Promise<boolean> {
  const { stateDirectory } = project;
  // Most projects have none, and get no folder by this.
  if ((await readRecord(stateDirectory)) === undefined && (await lockHolder(stateDirectory)) === undefined)
    return false;
  return withAnnouncedLock(
    context,
    startLock(stateDirectory),
    'another devenv that starts or ends HDFS',
    () => endHdfsServer(stateDirectory, context.platform),
  );
}

/** Of the server that runs, by its record. */
export async function hdfsPid(
  context: Pick<Context, 'platform'>,
  project: { readonly stateDirectory: string },
): Promise<number | undefined> {
  return (await runningServer(project.stateDirectory, context.platform))?.pid;
}

async function start(
  context: Context,
  stateDirectory: string,
  [file, ...words]: readonly [string, ...string[]],
): Promise<HdfsPlace> {
  let record: HdfsRecord | undefined;
  try {
    await startDaemon(
      file,
      [...words, 'hdfs-server', '--state', stateDirectory, '--superuser', systemUser(context.env)],
      {
        env: serverEnvironment(context),
        cwd: '/',
        logFile: path.join(stateDirectory, 'logs', 'hdfs.log'),
        runAs: undefined,
        signal: context.signal,
        isReady: async (pid) => {
          record = await readRecord(stateDirectory);
          return record?.pid === pid;
        },
        timeoutMs: READY_MS,
      },
    );
  } catch (error) {
    throw notStarting(error);
  }
  if (record === undefined) throw new Error('the server of HDFS is ready and has left no record');
  return record;
}

/** It serves every later command: nothing of the shell that happens to need it first, nor of a task. */
function serverEnvironment({ env }: Context): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'AIRFLOW_DEVENV_CACHE', 'XDG_CACHE_HOME'];
  return definedOnly(Object.fromEntries(names.map((name) => [name, env[name]])));
}

/**
 * Asks it to end, insists after a while. Only a process that is proved to be this project's server. Whoever calls holds
 * the lock of its start.
 *
 * @returns whether it ran.
 */
export async function endHdfsServer(stateDirectory: string, platform: NodeJS.Platform): Promise<boolean> {
  const server =
    (await runningServer(stateDirectory, platform)) ??
    (await lockHolder(stateDirectory)) ??
    (await withoutFiles(stateDirectory, platform));
  if (server === undefined || (await processStartTime(server.pid, platform)) !== server.startTime)
    return false;
  for (const [signal, patienceMs] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(server.pid, signal);
    } catch {
      // It ended meanwhile.
    }
    if (await untilProcessGone(server, patienceMs, platform)) return true;
  }
  return true;
}

/** One whose whole folder somebody has removed is known by its command line. */
async function withoutFiles(
  stateDirectory: string,
  platform: NodeJS.Platform,
): Promise<{ readonly pid: number; readonly startTime: string | undefined } | undefined> {
  const found = (await listProcesses(platform)).find((each) =>
    each.command.join(' ').includes(` hdfs-server --state ${stateDirectory} `),
  );
  if (found === undefined || found.uid !== process.getuid?.()) return undefined;
  return { pid: found.pid, startTime: await processStartTime(found.pid, platform) };
}

/** A server whose record somebody has removed is still known by the lock that it holds. */
async function lockHolder(
  stateDirectory: string,
): Promise<{ readonly pid: number; readonly startTime: string } | undefined> {
  try {
    const { pid, startTime } = JSON.parse(await readFile(hdfsLock(stateDirectory), 'utf8')) as HdfsRecord;
    return Number.isSafeInteger(pid) && pid > 1 && typeof startTime === 'string'
      ? { pid, startTime }
      : undefined;
  } catch {
    return undefined;
  }
}

function accepts({ address, ports }: HdfsPlace): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: ports[0] ?? 0 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(CONNECT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function notStarting(cause: unknown): unknown {
  if (!(cause instanceof DevenvError) || !cause.code.startsWith('daemon_')) return cause;
  return new DevenvError({
    code: 'hdfs_not_starting',
    what: "The project's HDFS does not start.",
    why: cause.why ?? cause.what,
    next: cause.next,
    cause,
  });
}
