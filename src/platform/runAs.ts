import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';

/** How root starts a program as another user. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** Words in front of the command that change the user; empty when the spawn itself does it. */
  readonly launcher: readonly string[];
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * How to start a program as `user` that has to reach `paths`, which may lie in folders only root may enter,
 * such as /root. On Linux the program keeps one capability for that: to read and search everywhere.
 *
 * @throws DevenvError `user_cannot_reach_folder` where that can't be given and a folder is closed to the user.
 */
export async function runAs(context: Context, user: User, paths: readonly string[]): Promise<RunAs> {
  const closed = await firstClosedFolder(user, paths);
  if (closed === undefined) return { ...user, launcher: [] };
  const isLinux = context.platform === 'linux';
  const setpriv = isLinux ? await findSetpriv(context) : undefined;
  const capability = isLinux ? await usableCapability() : undefined;
  if (setpriv !== undefined && capability !== undefined) {
    return { ...user, launcher: launcherOf(setpriv, capability, user) };
  }
  throw new DevenvError({
    code: 'user_cannot_reach_folder',
    what: `Postgres does not run as root, and the user it runs as (uid ${user.uid}) can't enter ${closed}.`,
    ...(isLinux ? { why: whyNot(setpriv) } : {}),
    next: [
      'Run devenv as an ordinary user',
      ...(isLinux && setpriv === undefined ? ['Or install setpriv: apt-get install util-linux'] : []),
      'Or use SQLite: `database: sqlite` in devenv.yaml',
    ],
  });
}

function whyNot(setpriv: string | undefined): string {
  return setpriv === undefined
    ? 'The program setpriv, which would let it, is not installed.'
    : 'This container does not allow what would let it: CAP_SETPCAP with CAP_DAC_READ_SEARCH or CAP_DAC_OVERRIDE.';
}

function launcherOf(setpriv: string, capability: string, user: User): string[] {
  const who = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
  const only = `-all,+${capability}`;
  // Postgres looks at its own files with access(2), which ignores the capabilities of anybody but root
  // unless this security bit is set.
  const bits = '--securebits=+no_setuid_fixup';
  return [setpriv, ...who, bits, `--inh-caps=${only}`, `--ambient-caps=${only}`];
}

/** The first folder on the way to one of the paths that the user may not enter. Paths may not exist yet. */
async function firstClosedFolder(user: User, paths: readonly string[]): Promise<string | undefined> {
  const folders = new Set(paths.flatMap(ancestors));
  for (const folder of [...folders].toSorted((a, b) => a.length - b.length)) {
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined) continue;
    const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0;
    if (((found.mode >> shift) & 1) === 0) return folder;
  }
  return undefined;
}

function ancestors(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [file] : [...ancestors(parent), parent];
}

async function findSetpriv(context: Context): Promise<string | undefined> {
  const folders = [...(context.env['PATH'] ?? '').split(path.delimiter), '/usr/bin', '/bin'];
  for (const folder of folders.filter((each) => path.isAbsolute(each))) {
    const file = path.join(folder, 'setpriv');
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return file;
  }
  return undefined;
}

const CAPABILITIES = [
  ['dac_read_search', 2n],
  // Docker's default set has only this one, which can write too.
  ['dac_override', 1n],
] as const;
const SETPCAP = 8n;

async function usableCapability(): Promise<string | undefined> {
  const status = await readFile('/proc/self/status', 'utf8');
  const permitted = BigInt(`0x${/^CapPrm:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const bounding = BigInt(`0x${/^CapBnd:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint): boolean => (((permitted & bounding) >> bit) & 1n) === 1n;
  return has(SETPCAP) ? CAPABILITIES.find(([, bit]) => has(bit))?.[0] : undefined;
}
