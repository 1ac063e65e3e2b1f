import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export interface OwnProcess {
  readonly pid: number;
  readonly parent: number;
  /** What it does for devenv: `client`, `supervisor`, a service of the stack, … */
  readonly role: string;
  readonly command: string;
}

/** What runs this belongs to the soak: it is seen, and never killed by chance. */
export const HELPER_PROGRAM = 'lock.py';

/** Every living process (no zombie) that has the folder in its command line, environment or working directory. */
export function ownProcesses(folder: string, stateDirectory: string): readonly OwnProcess[] {
  const services = recordedServices(stateDirectory);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const found = ownProcess(name, folder);
      return found === undefined ? [] : [{ ...found, role: roleOf(found, services) }];
    });
}

/** @returns whether the signal went to a process that was alive. */
export function killLiving({ pid, command }: OwnProcess): boolean {
  // A pid that has gone to another process meanwhile has another command line.
  if (commandOf(String(pid)) !== command || isDead(statOf(String(pid)))) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

type Found = Omit<OwnProcess, 'role'> & { readonly isLeader: boolean; readonly isHelper: boolean };

function ownProcess(name: string, folder: string): Found | undefined {
  const [command, stat] = [commandOf(name), statOf(name)];
  if (command === '' || isDead(stat)) return undefined;
  const isOurs =
    command.includes(folder) ||
    workingDirectory(name).startsWith(folder) ||
    read(`/proc/${name}/environ`).includes(folder);
  if (!isOurs) return undefined;
  const [, parent = '', , session = ''] = stat.trim().split(' ');
  return {
    pid: Number(name),
    parent: Number(parent),
    command,
    isLeader: session === name,
    isHelper: command.includes(HELPER_PROGRAM),
  };
}

function roleOf({ pid, command, isLeader, isHelper }: Found, services: ReadonlyMap<number, string>): string {
  if (isHelper) return 'helper';
  if (command.includes('airflow_devenv preload')) {
    return services.get(pid) ?? (isLeader ? 'preload' : 'fork of preload');
  }
  if (command.startsWith('postgres:')) return 'postgres backend';
  const [program = '', ...words] = command.split(' ');
  if (path.basename(program) === 'postgres') return 'postgres';
  if (command.includes('devenv.js supervise')) return 'supervisor';
  if (command.includes('devenv.js hdfs-server')) return 'hdfs';
  if (words.some((word) => word.endsWith('/devenv.js'))) return 'client';
  return `child: ${path.basename(program)}`;
}

/** Of the services of a stack, which all have the command line of the process that they were forked from. */
function recordedServices(stateDirectory: string): ReadonlyMap<number, string> {
  try {
    const { processes } = JSON.parse(read(path.join(stateDirectory, 'stack.json'))) as {
      readonly processes: readonly { readonly pid: number; readonly service: string }[];
    };
    return new Map(processes.map(({ pid, service }) => [pid, service]));
  } catch {
    return new Map();
  }
}

function commandOf(pid: string): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** From the state on: what is before may have any character. */
function statOf(pid: string): string {
  return read(`/proc/${pid}/stat`).replace(/^.*\)/s, '');
}

function isDead(stat: string): boolean {
  return stat === '' || /^ [ZX] /.test(stat);
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
