import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface TreeProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Seconds of CPU used so far, in user and system mode. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export type ProcessTree = ReadonlyMap<number, TreeProcess>;

/** Every process that runs (zombies do not), by pid. Costs about 10 ms. */
export async function readProcessTree(platform: NodeJS.Platform): Promise<ProcessTree> {
  const found = platform === 'linux' ? readLinux() : await readPs();
  return new Map(found.map((each) => [each.pid, each]));
}

/**
 * For each of these leaders of process groups: itself, what is in its group, and what descends from these. A leader
 * that descends from another one, and its own, are not the other one's.
 */
export function familiesOf(
  tree: ProcessTree,
  leaders: readonly number[],
): ReadonlyMap<number, readonly TreeProcess[]> {
  const families = new Map<number, TreeProcess[]>(leaders.map((leader) => [leader, []]));
  for (const each of tree.values()) {
    const line = [each.pid, ...ancestorsOf(tree, each.pid)].map((pid) => tree.get(pid));
    const leader = line
      .map((one) => (one !== undefined && families.has(one.pid) ? one.pid : one?.group))
      .find((group) => group !== undefined && families.has(group));
    if (leader !== undefined) families.get(leader)?.push(each);
  }
  return families;
}

/**
 * Kills processes with all that descends from them and all in their groups, at once. A family that is still
 * starting new members is looked for again.
 */
export async function killFamilies(leaders: readonly number[], platform: NodeJS.Platform): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const families = familiesOf(await readProcessTree(platform), leaders);
    const members = [...families.values()].flat();
    if (members.length === 0) return;
    for (const { pid } of members) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended meanwhile.
      }
    }
  }
}

/** The pids of its ancestors, the nearest first. */
export function ancestorsOf(tree: ProcessTree, pid: number): readonly number[] {
  const found: number[] = [];
  for (let each = tree.get(pid)?.parent; each !== undefined && each > 0; each = tree.get(each)?.parent) {
    if (found.includes(each)) break;
    found.push(each);
  }
  return found;
}

/** Proportional set size in bytes where the system tells, else the resident one. */
export async function memoryOf(process: TreeProcess, platform: NodeJS.Platform): Promise<number> {
  if (platform !== 'linux') return process.residentBytes;
  const rollup = await readFile(`/proc/${process.pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+)/m.exec(rollup)?.[1];
  return kilobytes === undefined ? process.residentBytes : Number(kilobytes) * 1024;
}

/** A clock tick, as every Linux gives it to programs, and a page. */
const [TICKS_PER_SECOND, PAGE_BYTES] = [100, 4096];

function readLinux(): TreeProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => parseStat(Number(pid), readNow(`/proc/${pid}/stat`)))
    .filter((each) => each !== undefined);
}

/** A file that the kernel makes while it is read: asking for each in the background costs ten times as much. */
export function readNow(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It ended while we looked.
    return '';
  }
}

function parseStat(pid: number, stat: string): TreeProcess | undefined {
  // The name (field 2) is in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (stat === '' || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const number = (field: number): number => Number(fields[field - 3]);
  return {
    pid,
    parent: number(4),
    group: number(5),
    session: number(6),
    cpuSeconds: (number(14) + number(15)) / TICKS_PER_SECOND,
    residentBytes: number(24) * PAGE_BYTES,
  };
}

async function readPs(): Promise<TreeProcess[]> {
  const found = await promisify(execFile)('ps', ['-ax', '-o', 'pid=,ppid=,pgid=,sess=,stat=,time=,rss='], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  }).catch(() => undefined);
  return (found?.stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group, session, state = '', time = '', kilobytes] = line.trim().split(/\s+/);
    if (pid === undefined || pid === '' || state.startsWith('Z')) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(session),
        cpuSeconds: secondsOf(time),
        residentBytes: Number(kilobytes) * 1024,
      },
    ];
  });
}

/** `1-02:03:04.5` or `3:04.5`. */
function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? (time.split('-') as [string, string]) : ['0', time];
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
