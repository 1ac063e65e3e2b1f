import { spawnSync } from 'node:child_process';

/** Every address that processes connect or send to; `-f` with all that they start. */
export const STRACE_ADDRESSES = [
  '-f',
  '-qq',
  '-e',
  'trace=connect,sendto,sendmsg',
  '-e',
  'signal=none',
] as const;

/** @throws Error which names the program, where it is missing. */
export function requireStrace(): void {
  if (spawnSync('strace', ['-V']).error !== undefined)
    throw new Error('strace is missing, and only with it can this be seen: apt-get install strace');
}

/** What a trace says of addresses: all of them, and those outside this machine. */
export function tracedAddresses(trace: string): { all: string[]; outside: string[] } {
  const all = trace.split('\n').filter((line) => line.includes('sa_family='));
  const outside = all.filter((line) => /AF_INET6?,/.test(line) && !/inet_addr\("127\.|"::1"/.test(line));
  return { all, outside };
}

/** Every file that processes open, make, rename or bind to. */
export const STRACE_FILES = [
  '-f',
  '--seccomp-bpf',
  '-qq',
  '-y',
  '-s',
  '400',
  '-e',
  'trace=openat,open,creat,mkdir,mkdirat,symlink,symlinkat,rename,renameat,renameat2,link,linkat,bind,mknod,mknodat',
  '-e',
  'signal=none',
] as const;

export interface TracedFile {
  /** Absolute. */
  readonly path: string;
  /** Opened for writing, made, or the target of a rename. */
  readonly writes: boolean;
  /** It was not there before: it can't have been put there by another. */
  readonly isNew: boolean;
  readonly line: string;
}

/** What a trace with `STRACE_FILES` says of files, calls that failed left out. */
export function tracedFiles(trace: string): TracedFile[] {
  return wholeLines(trace).flatMap((line) => {
    const call = /^\d+ +(\w+)\((.*)\) += (?!-1)/.exec(line);
    const [, name = '', given = ''] = call ?? [];
    const found = name === 'bind' ? /sun_path="(\/[^"]+)"/.exec(given)?.[1] : pathIn(given);
    if (found === undefined) return [];
    const isOpen = name.startsWith('open');
    const writes = !isOpen || /O_(CREAT|WRONLY|RDWR)/.test(given);
    // Those others fail where something is already.
    const isNew = isOpen
      ? /O_CREAT/.test(given) && /O_EXCL/.test(given)
      : /^(mkdir|link|symlink|mknod)/.test(name);
    return [{ path: found, writes, isNew, line }];
  });
}

/** The last path of a call: of a rename the target. A relative one is below the folder that stands before it. */
function pathIn(given: string): string | undefined {
  const [last] = [...given.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].slice(-1);
  if (last === undefined) return undefined;
  const [, folder = '(working directory)', file = ''] = last;
  return file.startsWith('/') ? file : `${folder}/${file}`;
}

/** A call during which another process made one stands on two lines. */
function wholeLines(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split('\n').map((line) => {
    const [, pid = ''] = /^(\d+) /.exec(line) ?? [];
    const start = /^(.*) <unfinished \.\.\.>$/.exec(line)?.[1];
    if (start !== undefined) begun.set(pid, start);
    const rest = /^\d+ +<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1];
    return rest === undefined ? line : `${begun.get(pid) ?? ''}${rest}`;
  });
}
