import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface RunningProcess {
  readonly pid: number;
  readonly uid: number;
  /** The parent's pid. */
  readonly parent?: number;
  /** Words on Linux; elsewhere one string with everything, because `ps` does not tell them apart. */
  readonly command: readonly string[];
  /** `undefined` where the operating system does not tell. */
  readonly workingDirectory: string | undefined;
}

/** What runs under this pid now; `undefined` when nothing does (a zombie does not run). */
export async function findProcess(
  pid: number,
  platform: NodeJS.Platform,
): Promise<RunningProcess | undefined> {
  return platform === 'linux' ? readLinuxProcess(pid) : (await askPs(['-p', String(pid)]))[0];
}

/** Every process this user may see. Costs about 10 ms. */
export async function listProcesses(platform: NodeJS.Platform): Promise<RunningProcess[]> {
  if (platform !== 'linux') return askPs(['-ax']);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readLinuxProcess(Number(pid))));
  return found.filter((each) => each !== undefined);
}

async function readLinuxProcess(pid: number): Promise<RunningProcess | undefined> {
  const directory = `/proc/${pid}`;
  try {
    const commandLine = await readFile(`${directory}/cmdline`, 'utf8');
    // Kernel threads and zombies have no command line.
    if (commandLine === '') return undefined;
    // The folder's owner is the process's user, except that it is root for one that may not be traced.
    const [owner, status] = await Promise.all([stat(directory), readFile(`${directory}/status`, 'utf8')]);
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    const workingDirectory = await readlink(`${directory}/cwd`).catch(() => undefined);
    const command = commandLine.replace(/\0+$/, '').split('\0');
    return { pid, parent, uid: uid === undefined ? owner.uid : Number(uid), command, workingDirectory };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

async function askPs(selection: readonly string[]): Promise<RunningProcess[]> {
  const args = ['-ww', ...selection, '-o', 'pid=,ppid=,uid=,stat=,command='];
  const found = await promisify(execFile)('ps', args, {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => undefined);
  return (found?.stdout ?? '').split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(.*)$/.exec(line);
    const [, pid, parent, uid, state, command] = match ?? [];
    if (command === undefined || state?.startsWith('Z') === true) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        uid: Number(uid),
        command: [command],
        workingDirectory: undefined,
      },
    ];
  });
}
