import { constants } from 'node:fs';
import { access, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.ts';
import { fileSystemError } from '../platform/fileSystemError.ts';
import { findProgram } from '../platform/findProgram.ts';
import { cacheDirectory } from '../platform/paths.ts';
import type { CheckResult } from '../ui/checkReport.ts';

/** A question that `devenv doctor` asks; what it throws is its failure. */
export interface Check {
  readonly name: string;
  readonly look: () => Promise<Omit<CheckResult, 'name'>>;
}

/** What does not depend on the project. */
export function machineChecks(context: Context): readonly Check[] {
  return [
    { name: 'Node', look: () => lookAtNode() },
    { name: 'uv', look: () => lookAtUv(context) },
    { name: 'cache', look: () => lookAtFolder(cacheDirectory(context), ROOM_FOR_CACHE) },
    { name: 'memory', look: () => lookAtMemory() },
    { name: 'fork', look: async () => lookAtFork(context) },
    { name: 'file watches', look: () => lookAtWatches(context) },
    { name: 'proxy', look: async () => lookAtProxy(context) },
  ];
}

const OLDEST_NODE = [22, 12];
const MEGABYTE = 1_000_000;
/** Below the first nothing works for long, below the second an environment more may not fit. */
const ROOM_FOR_CACHE = { fail: 500 * MEGABYTE, warn: 3_000 * MEGABYTE };
const ROOM_FOR_STATE = { fail: 200 * MEGABYTE, warn: 1_000 * MEGABYTE };
const FREE_MEMORY = 1_500 * MEGABYTE;

async function lookAtNode(): Promise<Omit<CheckResult, 'name'>> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return {
    verdict: isOld ? 'fail' : 'ok',
    detail: `${process.version} at ${process.execPath}`,
    ...(isOld ? { next: [`Install Node ${OLDEST_NODE.join('.')} or newer`] } : {}),
  };
}

async function lookAtUv(context: Context): Promise<Omit<CheckResult, 'name'>> {
  const found = findProgram('uv', context.env);
  return { verdict: 'ok', detail: found ?? 'not on PATH; devenv installs its own when it needs one' };
}

/** Whether a folder, or the nearest one above it that is there, can be written to, and how much fits into it. */
export async function lookAtFolder(
  folder: string,
  room: { readonly fail: number; readonly warn: number } = ROOM_FOR_STATE,
): Promise<Omit<CheckResult, 'name'>> {
  const existing = await nearestExisting(folder);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch {
    return {
      verdict: 'fail',
      detail: `${existing} can't be written to`,
      next: [`Give yourself the right: chown -R "$USER" ${existing}`],
    };
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const verdict = free < room.fail ? 'fail' : free < room.warn ? 'warn' : 'ok';
  return {
    verdict,
    detail: `${folder}, ${Math.round(free / MEGABYTE / 100) / 10} GB free`,
    ...(verdict === 'ok' ? {} : { next: ['Make room on this disk: a full one stops Postgres'] }),
  };
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined || path.dirname(folder) === folder
    ? folder
    : nearestExisting(path.dirname(folder));
}

async function lookAtMemory(): Promise<Omit<CheckResult, 'name'>> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+)/m.exec(text)?.[1];
  const free = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  // macOS calls memory that it would give away used.
  const isShort = kilobytes !== undefined && free < FREE_MEMORY;
  return {
    verdict: isShort ? 'warn' : 'ok',
    detail: `${Math.round(free / MEGABYTE / 100) / 10} GB available, ${availableParallelism()} cores`,
    ...(isShort ? { next: ['A stack takes about 0.6 GB, tasks come on top: end what you do not need'] } : {}),
  };
}

function lookAtFork({ platform }: Context): Omit<CheckResult, 'name'> {
  if (platform === 'linux') return { verdict: 'ok', detail: 'services and runs are forked from one process' };
  return {
    verdict: 'ok',
    detail: `not used on ${platform}: services are started one by one, which takes seconds longer`,
  };
}

/** A watcher takes one for each folder; editors on the machine take theirs. */
const ENOUGH_WATCHES = 65_536;
const ENOUGH_INSTANCES = 128;

async function lookAtWatches({ platform }: Context): Promise<Omit<CheckResult, 'name'>> {
  if (platform !== 'linux') return { verdict: 'ok', detail: 'the system has no limit that matters' };
  const [watches, instances] = await Promise.all(
    ['max_user_watches', 'max_user_instances'].map(async (name) =>
      Number(await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => 'NaN')),
    ),
  );
  const isShort = (watches ?? 0) < ENOUGH_WATCHES || (instances ?? 0) < ENOUGH_INSTANCES;
  return {
    verdict: isShort ? 'warn' : 'ok',
    detail: `${watches} inotify watches, ${instances} instances`,
    ...(isShort
      ? {
          next: [
            `sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`,
            'Until then a saved file may be seen some seconds late',
          ],
        }
      : {}),
  };
}

const PROXIES = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** Airflow 3's tasks ask the API server on loopback through whatever proxy the environment names. */
function lookAtProxy({ env }: Context): Omit<CheckResult, 'name'> {
  const named = PROXIES.filter((name) => env[name]);
  if (named.length === 0) return { verdict: 'ok', detail: 'none for http' };
  const exceptions = `${env['NO_PROXY'] ?? ''},${env['no_proxy'] ?? ''}`
    .split(',')
    .map((each) => each.trim());
  const covered =
    exceptions.includes('*') || ['127.0.0.1', 'localhost'].every((each) => exceptions.includes(each));
  return covered
    ? { verdict: 'ok', detail: `${named.join(', ')}, not for loopback` }
    : {
        verdict: 'warn',
        detail: `${named.join(', ')} would catch requests to this machine`,
        next: ['export NO_PROXY=localhost,127.0.0.1'],
      };
}

const CLOCK_DIFFERENCE_MS = 5_000;

/** A disk of another machine has that one's clock: tokens and file times would not fit together. */
export async function lookAtClock(folder: string, now: () => number): Promise<Omit<CheckResult, 'name'>> {
  const probe = path.join(await nearestExisting(folder), `.devenv-clock-${process.pid}`);
  try {
    await writeFile(probe, '', { mode: 0o600 });
    const difference = (await stat(probe)).mtimeMs - now();
    if (Math.abs(difference) < CLOCK_DIFFERENCE_MS) {
      return { verdict: 'ok', detail: new Date(now()).toISOString() };
    }
    return {
      verdict: 'warn',
      detail: `the disk is ${Math.round(difference / 1000)} s ${difference > 0 ? 'ahead' : 'behind'}`,
      next: ['Set the clock of both machines, with NTP for instance'],
    };
  } catch (error) {
    throw fileSystemError(error, 'write a file', probe);
  } finally {
    await rm(probe, { force: true });
  }
}
