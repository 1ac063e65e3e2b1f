import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';

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
 * A 0700 folder for the sockets of one project. Its name is a hash of the project's real path, because the
 * path of a Unix socket may have no more than 107 bytes (103 on macOS) and a project's may be longer.
 *
 * @throws DevenvError `runtime_directory_unsafe` when the folder belongs to somebody else or is a link.
 */
export async function runtimeDirectory(context: Pick<Context, 'env'>, projectRoot: string): Promise<string> {
  const parent = runtimeParent(context.env);
  const directory = path.join(parent, createHash('sha256').update(projectRoot).digest('hex').slice(0, 10));
  for (const each of [parent, directory]) {
    await mkdir(each, { recursive: true, mode: 0o700 });
    await assertOurs(each);
  }
  return directory;
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
  if (env['XDG_RUNTIME_DIR']) return path.join(env['XDG_RUNTIME_DIR'], 'airflow-devenv');
  return path.join(tmpdir(), `airflow-devenv-${currentUser()}`);
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
