import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { makeFolders } from './makeFolders.ts';
import { isForeignFolder } from './ownFolder.ts';

/** Where environments and downloads are kept, shared by every project of this user. */
export function cacheDirectory(context: Pick<Context, 'env' | 'platform'>): string {
  const { env, platform } = context;
  if (env['AIRFLOW_DEVENV_CACHE']) return path.resolve(env['AIRFLOW_DEVENV_CACHE']);
  if (env['XDG_CACHE_HOME']) return path.join(env['XDG_CACHE_HOME'], 'airflow-devenv');
  const home = env['HOME'] ?? homedir();
  return platform === 'darwin'
    ? path.join(home, 'Library', 'Caches', 'airflow-devenv')
    : path.join(home, '.cache', 'airflow-devenv');
}

/**
 * Environments in the cache are run as this user: nobody else may have made it or be able to change what is in it.
 *
 * @throws DevenvError `cache_directory_unsafe`.
 */
export function assertOwnCache(context: Pick<Context, 'env' | 'platform'>): void {
  const directory = cacheDirectory(context);
  if (!isForeignFolder(directory)) return;
  throw new DevenvError({
    code: 'cache_directory_unsafe',
    what: `The cache ${directory} can't be trusted.`,
    why: 'It is a link, belongs to another user, or can be written to by others; programs in it could be replaced.',
    next: [
      `If nobody else can have changed it: chmod 700 ${directory}`,
      'Or name another with AIRFLOW_DEVENV_CACHE=/a/folder/of/yours',
    ],
    misuse: true,
  });
}

/**
 * A 0700 folder for the sockets of one project. Its name is a hash of the project's real path, because the
 * path of a Unix socket may have no more than 107 bytes (103 on macOS) and a project's may be longer.
 *
 * @throws DevenvError `runtime_directory_unsafe` when the folder belongs to another user or is a link,
 * `runtime_directory_unusable` when sockets can't lie there.
 */
export async function runtimeDirectory(
  context: Pick<Context, 'env' | 'platform'>,
  projectRoot: string,
): Promise<string> {
  const parent = runtimeParent(context.env);
  const directory = runtimeFolder(context.env, projectRoot);
  assertShortEnough(directory, context.platform);
  for (const each of [parent, directory]) {
    await makeFolders(each, 0o700).catch((error: unknown) => {
      throw cantBeMade(each, error);
    });
    await assertOurs(each);
  }
  return directory;
}

/** Where `runtimeDirectory` would be; it is neither made nor looked at. */
export function runtimeFolder(env: Context['env'], projectRoot: string): string {
  const name = createHash('sha256').update(projectRoot).digest('hex').slice(0, 10);
  return path.join(runtimeParent(env), name);
}

/** The runtime folders of every project of this user that has one, sorted. */
export async function runtimeDirectories(context: Pick<Context, 'env'>): Promise<string[]> {
  const parent = runtimeParent(context.env);
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && /^[\da-f]{10}$/.test(entry.name));
  return folders.map((entry) => path.join(parent, entry.name)).toSorted();
}

function runtimeParent(env: Context['env']): string {
  if (env['AIRFLOW_DEVENV_RUNTIME']) return path.resolve(env['AIRFLOW_DEVENV_RUNTIME']);
  if (env['XDG_RUNTIME_DIR'] && path.isAbsolute(env['XDG_RUNTIME_DIR']))
    return path.join(env['XDG_RUNTIME_DIR'], 'airflow-devenv');
  return path.join(temporaryDirectory(env), `airflow-devenv-${currentUser()}`);
}

/**
 * Where temporary files of this user's environment go.
 *
 * @throws DevenvError `temporary_directory_relative`.
 */
export function temporaryDirectory(env: Context['env']): string {
  const name = ['TMPDIR', 'TMP', 'TEMP'].find((each) => env[each]);
  const directory = name === undefined ? '/tmp' : (env[name] ?? '');
  if (path.isAbsolute(directory)) return directory;
  throw new DevenvError({
    code: 'temporary_directory_relative',
    what: `${name} is a relative path: ${directory}`,
    why: 'It would be another folder for each program and each working directory.',
    next: [`export ${name}=/an/absolute/path`, `Or unset ${name}: temporary files then go to /tmp`],
    misuse: true,
  });
}

/** The longest name of a socket in it. Only Linux has preloaded processes, which bind theirs with a pid behind its name. */
const LONGEST_SOCKET = { darwin: '/pg/.s.PGSQL.5432', other: '/r-000000000000.sock.4194304' } as const;

function assertShortEnough(directory: string, platform: NodeJS.Platform): void {
  const limit =
    platform === 'darwin' ? 103 - LONGEST_SOCKET.darwin.length : 107 - LONGEST_SOCKET.other.length;
  const length = Buffer.byteLength(directory);
  if (length <= limit) return;
  throw new DevenvError({
    code: 'runtime_directory_unusable',
    what: `The name of the runtime folder is too long for sockets: ${directory}`,
    why: `It has ${length} bytes; the system allows ${limit}.`,
    next: ['Name a short one: export AIRFLOW_DEVENV_RUNTIME=/tmp/a-short-name'],
    misuse: true,
  });
}

function cantBeMade(directory: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'runtime_directory_unusable',
    what: `The runtime folder ${directory} can't be made.`,
    why: cause instanceof Error ? cause.message : String(cause),
    next: ['Name another: export AIRFLOW_DEVENV_RUNTIME=/tmp/a-short-name'],
    misuse: true,
    cause,
  });
}

async function assertOurs(directory: string): Promise<void> {
  const stat = await lstat(directory);
  if (stat.isDirectory() && stat.uid === currentUser() && (stat.mode & 0o077) === 0) return;
  throw new DevenvError({
    code: 'runtime_directory_unsafe',
    what: `The runtime folder ${directory} can't be trusted.`,
    why: 'It is a link, belongs to another user, or is open to others; sockets in it could be taken over.',
    next: [
      `Look at it and remove it: rm -r ${directory}`,
      'Or name another with AIRFLOW_DEVENV_RUNTIME=/a/folder/of/yours',
    ],
  });
}

/** Not `os.userInfo()`: it fails for a user id without a name, as containers have them, and asks name services. */
function currentUser(): number {
  return process.getuid?.() ?? -1;
}
