import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { listProcesses, type RunningProcess } from '../platform/processTable.ts';
import type { Cluster } from './clusterPlace.ts';
import { POSTGRES_PORT } from './describeDatabase.ts';

/**
 * After a server was killed its children may live on for the statement they are in, and its files stay. Both
 * would stop the next one. Ends only what provably belongs to this cluster, also a server whose
 * `postmaster.pid` somebody removed.
 */
export async function endLeftovers(context: Context, cluster: Cluster): Promise<void> {
  const kill = { SIGQUIT: performance.now() + 1_000, SIGKILL: performance.now() + 4_000 };
  for (;;) {
    const left = (await listProcesses(context.platform)).filter(
      (each) => isServer(each, cluster) || isChild(each, cluster),
    );
    if (left.length === 0) break;
    const signal = performance.now() > kill.SIGKILL ? 'SIGKILL' : 'SIGQUIT';
    if (performance.now() > kill.SIGKILL + 10_000) throw notStopping(cluster, left);
    if (performance.now() > kill.SIGQUIT) for (const each of left) signalProcess(each.pid, signal);
    await sleep(25);
    context.signal.throwIfAborted();
  }
  const socket = socketFile(cluster.socketDirectory);
  for (const file of [pidFile(cluster), socket, `${socket}.lock`]) await rm(file, { force: true });
}

export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

export function isServer(found: RunningProcess, cluster: Cluster): boolean {
  const words = found.command;
  if (path.basename(words[0]?.split(' -D ', 1)[0] ?? '') !== 'postgres') return false;
  if (found.workingDirectory !== undefined) return isInside(found.workingDirectory, cluster);
  return words.length > 1
    ? words[words.indexOf('-D') + 1] === cluster.dataDirectory
    : (words[0] ?? '').includes(` -D ${cluster.dataDirectory} `);
}

function isChild(found: RunningProcess, cluster: Cluster): boolean {
  const title = found.command[0] ?? '';
  return found.workingDirectory === undefined
    ? title.startsWith(`postgres: ${tagOf(cluster)}: `)
    : title.startsWith('postgres: ') && isInside(found.workingDirectory, cluster);
}

/** Better than names, where it can be read: it stays true when the project is moved under a running server. */
function isInside(workingDirectory: string, cluster: Cluster): boolean {
  return [cluster.dataDirectory, `${cluster.dataDirectory} (deleted)`].includes(workingDirectory);
}

/** The cluster's name in the titles of its processes. */
export function tagOf(cluster: Cluster): string {
  return `devenv-${createHash('sha256').update(cluster.dataDirectory).digest('hex').slice(0, 12)}`;
}

export function pidFile(cluster: Cluster): string {
  return path.join(cluster.dataDirectory, 'postmaster.pid');
}

export function socketFile(directory: string): string {
  return path.join(directory, `.s.PGSQL.${POSTGRES_PORT}`);
}

function notStopping(cluster: Cluster, left: readonly RunningProcess[]): DevenvError {
  const pids = left.map((each) => each.pid);
  return new DevenvError({
    code: 'postgres_not_stopping',
    what: `Processes of an earlier Postgres on ${cluster.dataDirectory} can't be ended: ${pids.join(', ')}.`,
    why: 'They belong to another user, or wait for a disk that does not answer.',
    next: [`End them, with the rights it takes: kill -9 ${pids.join(' ')}`],
  });
}
