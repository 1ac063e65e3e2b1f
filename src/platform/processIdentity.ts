import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * What tells a process from a later one with the same pid: when it started, and in which boot. `undefined`
 * when no such process runs (a zombie does not run).
 */
export async function processStartTime(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  return platform === 'linux' ? linuxStartTime(pid) : portableStartTime(pid);
}

/** Where pids mean the same thing: this host and, in a container, its pid namespace. */
export async function processPlace(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${namespace}`.trim();
}

async function linuxStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name (field 2) is in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()} ${startTicks}`.trim();
}

async function portableStartTime(pid: number): Promise<string | undefined> {
  const found = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  }).catch(() => undefined);
  const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(found?.stdout ?? '');
  return match === null || match[1]?.startsWith('Z') ? undefined : match[2];
}

/**
 * Waits until no process with this pid runs any more, a zombie left out; with a start time, until that one does not.
 *
 * @returns false when it is there after the patience.
 */
export async function untilProcessGone(
  { pid, startTime }: { readonly pid: number; readonly startTime?: string | undefined },
  patienceMs: number,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const found = await processStartTime(pid, platform);
    if (found === undefined || (startTime !== undefined && found !== startTime)) return true;
    await sleep(GONE_STEP_MS);
  }
  return false;
}

const GONE_STEP_MS = 5;
