import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { listProcesses, type RunningProcess } from '../../../src/platform/processTable.ts';

/** Those whose data lies below a folder; only servers, or servers and their children. */
export async function postgresProcesses(
  below: string,
  kind: 'postmaster' | 'all' = 'all',
): Promise<RunningProcess[]> {
  return (await listProcesses(process.platform)).filter((each) => {
    const name = each.command[0] ?? '';
    const isServer = path.basename(name) === 'postgres';
    const isChild = name.startsWith('postgres: ');
    const isBelow = each.workingDirectory?.startsWith(below) === true;
    return isBelow && (isServer || (kind === 'all' && isChild));
  });
}

export async function killPostmaster(below: string): Promise<void> {
  const servers = await postgresProcesses(below, 'postmaster');
  expect(servers).toHaveLength(1);
  await killNow(servers);
}

/** Everything of Postgres below a folder, or the processes below it with a word in their command. */
export async function killAll(below: string, word?: string): Promise<void> {
  const found =
    word === undefined
      ? await postgresProcesses(below)
      : (await listProcesses(process.platform)).filter((each) => {
          const command = each.command.join(' ');
          return command.includes(word) && command.includes(below);
        });
  expect(found.length).toBeGreaterThan(0);
  await killNow(found);
}

async function killNow(processes: readonly RunningProcess[]): Promise<void> {
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
  await vi.waitFor(
    async () => {
      const running = new Set((await listProcesses(process.platform)).map((each) => each.pid));
      expect(processes.filter((each) => running.has(each.pid))).toEqual([]);
    },
    { timeout: 10_000, interval: 10 },
  );
}

/** Any long-lived process that is not Postgres. */
export function startIdleServer(): ChildProcess {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
}
