import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from './fileSystemError.ts';
import { findProcess } from './processTable.ts';

export interface PortHolder {
  /** `undefined` for another user's process, which only root may look up. */
  readonly pid: number | undefined;
  /** Program and script, without arguments: they may hold a secret. `undefined` when it is not known. */
  readonly command: string | undefined;
}

/** `forbidden`: a low number, which only root may listen on. */
export type PortState =
  | { readonly state: 'free' | 'forbidden' }
  | { readonly state: 'taken'; readonly holder: PortHolder | undefined };

export interface ChosenPort {
  readonly port: number;
  /** In the order tried; not those of `avoid`. */
  readonly passedOver: readonly { readonly port: number; readonly state: PortState }[];
}

/** A browser asks for `localhost` on either of them. */
const LOOPBACK = ['127.0.0.1', '::1'];
const TRIES = 100;
const CONNECT_MS = 500;

/**
 * Whether a server could have this port on the loopback addresses of both families. Who listens on all addresses
 * holds it too. Takes the port for a moment, on loopback only.
 */
export async function portState(
  port: number,
  platform: NodeJS.Platform = process.platform,
): Promise<PortState> {
  const states = await Promise.all(LOOPBACK.map((host) => addressState(host, port)));
  if (states.includes('taken')) return { state: 'taken', holder: await portHolder(port, platform) };
  return { state: states.includes('forbidden') ? 'forbidden' : 'free' };
}

/**
 * The preferred port, or the next free one above it; any free one when the hundred above are taken.
 *
 * @param avoid ports that were promised to somebody who does not listen yet.
 */
export async function choosePort(
  preferred: number,
  avoid: ReadonlySet<number> = new Set(),
): Promise<ChosenPort> {
  const passedOver: { port: number; state: PortState }[] = [];
  for (let port = preferred; port < Math.min(preferred + TRIES, 65_536); port += 1) {
    if (avoid.has(port)) continue;
    const state = await portState(port);
    if (state.state === 'free') return { port, passedOver };
    passedOver.push({ port, state });
  }
  for (;;) {
    const port = await anyFreePort();
    if (!avoid.has(port) && (await portState(port)).state === 'free') return { port, passedOver };
  }
}

/** `node server.js (pid 4711)` */
export function describeHolder(holder: PortHolder | undefined): string {
  if (holder === undefined) return 'another program';
  const { pid, command } = holder;
  if (pid === undefined) return command ?? 'a program of another user';
  return command === undefined ? `process ${pid}` : `${command} (pid ${pid})`;
}

async function addressState(host: string, port: number): Promise<'free' | 'taken' | 'forbidden'> {
  const code = await listeningFails(host, port);
  if (code === 'EACCES' || code === 'EPERM') return 'forbidden';
  // A machine without this family: nobody can hold the port there.
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EINVAL') return 'free';
  if (code !== undefined) return 'taken';
  // macOS lets a second server in beside one that listens on all addresses.
  return (await answers(host, port)) ? 'taken' : 'free';
}

function listeningFails(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error) => resolve(errorCode(error) ?? 'unknown'));
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
      server.close(() => resolve(undefined));
    });
  });
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean): void => {
      // A system may pick the very port it connects to as its own end, and so answer itself.
      const isItself = socket.localPort === socket.remotePort;
      socket.destroy();
      resolve(answer && !isItself);
    };
    socket.setTimeout(CONNECT_MS, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: LOOPBACK[0], port: 0, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function portHolder(port: number, platform: NodeJS.Platform): Promise<PortHolder | undefined> {
  if (platform !== 'linux') return holderFromLsof(port, platform);
  const sockets = await listeningSockets(port);
  if (sockets.size === 0) return undefined;
  const pid = await processWithSocket(sockets);
  return { pid, command: pid === undefined ? undefined : await programName(pid, platform) };
}

/** `socket:[12345]` of every listener on this port, on any address. */
async function listeningSockets(port: number): Promise<ReadonlySet<string>> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => ''));
  const rows = (await Promise.all(tables)).flatMap((table) => table.split('\n').slice(1));
  return new Set(
    rows.flatMap((row) => {
      const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/);
      return local.endsWith(`:${wanted}`) && state === LISTEN ? [`socket:[${inode}]`] : [];
    }),
  );
}

/** TCP_LISTEN of Linux' tcp_states.h. */
const LISTEN = '0A';

async function processWithSocket(sockets: ReadonlySet<string>): Promise<number | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  // A forked server's socket is held by its children too: the oldest of them is whom a person knows.
  for (const pid of pids.toSorted((left, right) => left - right)) {
    const folder = `/proc/${pid}/fd`;
    const descriptors = await readdir(folder).catch(() => []);
    const links = descriptors.map((each) => readlink(path.join(folder, each)).catch(() => ''));
    if ((await Promise.all(links)).some((link) => sockets.has(link))) return pid;
  }
  return undefined;
}

async function holderFromLsof(port: number, platform: NodeJS.Platform): Promise<PortHolder | undefined> {
  const args = ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'];
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin`, LC_ALL: 'C' };
  const found = await promisify(execFile)('lsof', args, { env }).catch(() => undefined);
  const pid = Number(found?.stdout.split('\n')[0]);
  return pid > 0 ? { pid, command: await programName(pid, platform) } : undefined;
}

async function programName(pid: number, platform: NodeJS.Platform): Promise<string | undefined> {
  const found = await findProcess(pid, platform);
  // Elsewhere than on Linux, and for programs that rename themselves, it is one string.
  const words = found?.command.flatMap((word, index) => (index === 0 ? word.split(' ') : [word])) ?? [];
  const [program, script] = words;
  if (program === undefined) return undefined;
  const named = /^(?:node|python|ruby|java|perl|sh|bash)/.test(path.basename(program)) ? script : undefined;
  const names = [program, ...(named === undefined || named.startsWith('-') ? [] : [named])];
  return names.map((each) => path.basename(each)).join(' ');
}
