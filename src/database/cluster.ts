import { readFile, realpath, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { startDaemon } from '../platform/daemon.ts';
import { findProcess } from '../platform/processTable.ts';
import { binariesAreWhole, discardBinaries, ensureBinaries } from './binaries.ts';
import { endLeftovers, isServer, pidFile, signalProcess, socketFile, tagOf } from './clusterProcesses.ts';
import { prepareSocketDirectory, serverUser } from './serverUser.ts';
import { serverSettings } from './serverSettings.ts';
import type { Cluster } from './clusterPlace.ts';

export type ClusterState =
  | { readonly status: 'down' }
  | {
      readonly status: 'starting' | 'ready' | 'stopping';
      readonly pid: number;
      readonly socketDirectory: string;
    };

/** What `postmaster.pid` says, as far as the process it names is this cluster's server. */
export async function clusterState(context: Context, cluster: Cluster): Promise<ClusterState> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return { status: 'down' };
  const found = await findProcess(pid, context.platform);
  if (found === undefined || !isServer(found, cluster)) return { status: 'down' };
  const status = lines[7] === 'ready' || lines[7] === 'stopping' ? lines[7] : 'starting';
  return { status, pid, socketDirectory: lines[4] ?? '' };
}

/** Whether the server runs and its socket is where clients look for it. */
export async function clusterAnswers(context: Context, cluster: Cluster): Promise<boolean> {
  return (
    (await clusterState(context, cluster)).status === 'ready' &&
    (await answers(socketFile(cluster.socketDirectory)))
  );
}

/**
 * Makes the cluster's server run and answer at its socket. The caller holds the cluster's lock.
 *
 * @throws DevenvError `postgres_not_starting`, and what `ensureBinaries` and `serverUser` throw.
 */
export async function startCluster(context: Context, cluster: Cluster): Promise<void> {
  const state = await settledState(context, cluster);
  if (state.status === 'ready') {
    if (await reachable(cluster, state.socketDirectory)) return;
    await stopCluster(context, cluster);
  }
  await endLeftovers(context, cluster);
  await launch(context, cluster).catch(async (error: unknown) => {
    context.signal.throwIfAborted();
    if (binariesAreWhole(context)) throw notStarting(cluster, error);
    // Somebody cleaned the cache by halves.
    discardBinaries(context);
    await launch(context, cluster).catch((again: unknown) => {
      throw notStarting(cluster, again);
    });
  });
}

/**
 * Stops the server: at once for its clients, without loss of a committed row. The caller holds the lock.
 *
 * @returns whether it ran.
 */
export async function stopCluster(context: Context, cluster: Cluster): Promise<boolean> {
  const state = await clusterState(context, cluster);
  if (state.status !== 'down') {
    // Fast shutdown, immediate shutdown, and the end of all patience.
    for (const [signal, patienceMs] of [
      ['SIGINT', 10_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ] as const) {
      signalProcess(state.pid, signal);
      if (await isGone(context, state.pid, cluster, patienceMs)) break;
    }
  }
  await endLeftovers(context, cluster);
  return state.status !== 'down';
}

const START_TIMEOUT_MS = 60_000;

async function launch(context: Context, cluster: Cluster): Promise<void> {
  const binaries = await ensureBinaries(context);
  const user = await serverUser(context, cluster, binaries);
  await prepareSocketDirectory(cluster.socketDirectory, user);
  const args = ['-D', cluster.dataDirectory, ...serverSettings(cluster, tagOf(cluster))];
  await startDaemon(path.join(binaries, 'bin', 'postgres'), args, {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    logFile: cluster.logFile,
    runAs: user,
    signal: context.signal,
    timeoutMs: START_TIMEOUT_MS,
    isReady: async (pid) => {
      const lines = (await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n');
      return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
    },
  });
}

/** Waits while a server that is on its way up or down is. */
async function settledState(context: Context, cluster: Cluster): Promise<ClusterState> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const state = await clusterState(context, cluster);
    if (state.status === 'ready' || state.status === 'down') return state;
    if (performance.now() > deadline) {
      await stopCluster(context, cluster);
      return { status: 'down' };
    }
    await sleep(20);
    context.signal.throwIfAborted();
  }
}

/**
 * A server may listen elsewhere than we would put it now: XDG_RUNTIME_DIR is set in one shell and not in
 * another, or the project was moved. Then a link leads there. Its socket may also have been cleaned away.
 */
async function reachable(cluster: Cluster, actual: string): Promise<boolean> {
  const [wanted, there] = [socketFile(cluster.socketDirectory), socketFile(actual)];
  if (await answers(wanted)) return true;
  if (actual === '' || actual === cluster.socketDirectory || !(await answers(there))) return false;
  await prepareSocketDirectory(cluster.socketDirectory, undefined);
  await rm(wanted, { force: true });
  await symlink(there, wanted);
  return true;
}

async function answers(socket: string): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => {
      resolve(false);
    });
  });
}

async function isGone(context: Context, pid: number, cluster: Cluster, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const found = await findProcess(pid, context.platform);
    if (found === undefined || !isServer(found, cluster)) return true;
    await sleep(10);
  }
  return false;
}

function notStarting(cluster: Cluster, cause: unknown): unknown {
  if (!(cause instanceof DevenvError) || !cause.code.startsWith('daemon_')) return cause;
  return new DevenvError({
    code: 'postgres_not_starting',
    what: `Postgres does not start on ${cluster.dataDirectory}.`,
    why: cause.why ?? cause.what,
    next: [
      ...cause.next,
      'Or begin with an empty database: devenv db reset. The files of this one, with its snapshots in them, are kept',
    ],
    cause,
  });
}

/** Resolves links in the part of a path that exists, so that it can be compared with what the kernel says. */
export async function realDirectory(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch {
    const parent = path.dirname(directory);
    return parent === directory
      ? directory
      : path.join(await realDirectory(parent), path.basename(directory));
  }
}
