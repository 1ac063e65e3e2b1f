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
