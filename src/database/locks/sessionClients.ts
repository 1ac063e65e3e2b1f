import type { Context } from '../../context.ts';
import { runCommand } from '../../platform/childProcess.ts';
import { findProgram } from '../../platform/findProgram.ts';
import { findProcess } from '../../platform/processTable.ts';

export interface SessionClient {
  readonly pid: number;
  readonly command: string;
}

/**
 * The processes at the other ends of connections over a Unix socket, by the server's process for each. Only the kernel
 * knows them, and `ss` asks it; without that nobody is found.
 */
export async function sessionClients(
  context: Pick<Context, 'env' | 'signal' | 'platform'>,
): Promise<ReadonlyMap<number, SessionClient>> {
  const ss = context.platform === 'linux' ? findProgram('ss', context.env) : undefined;
  if (ss === undefined) return new Map();
  try {
    const { stdout } = await runCommand(ss, ['-x', '-p', '-n', '-H'], {
      env: { LC_ALL: 'C' },
      signal: context.signal,
      allowFailure: true,
    });
    const pairs = [...pairsOf(stdout)];
    const clients = await Promise.all(
      pairs.map(async ([backend, pid]) => {
        const command = (await findProcess(pid, context.platform))?.command.join(' ') ?? '';
        return [backend, { pid, command }] as const;
      }),
    );
    return new Map(clients);
  } catch {
    context.signal.throwIfAborted();
    return new Map();
  }
}

/** Backend -> client's pid. A line has the two ends' inodes and who has its own end open. Pure. */
export function pairsOf(output: string): ReadonlyMap<number, number> {
  const ends = output.split('\n').flatMap((line) => {
    const [, own, peer] = /\s(\d+)\s+\*\s+(\d+)\s+users:/.exec(line) ?? [];
    const users = [...line.matchAll(/\("([^"]*)",pid=(\d+),/g)];
    return own === undefined || peer === undefined || users.length === 0
      ? []
      : [{ own, peer, isServer: line.includes('.s.PGSQL.'), pids: users.map((user) => Number(user[2])) }];
  });
  const byInode = new Map(ends.map((end) => [end.own, end]));
  const pairs = new Map<number, number>();
  for (const end of ends) {
    if (!end.isServer) continue;
    const client = byInode.get(end.peer)?.pids[0];
    for (const backend of end.pids) if (client !== undefined) pairs.set(backend, client);
  }
  return pairs;
}
