import { chmodSync, lchownSync, readdirSync } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runAs, type RunAs, type User } from '../platform/runAs.ts';
import type { Cluster } from './clusterPlace.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

const NOBODY: User = { uid: 65534, gid: 65534 };

/**
 * Whom the server runs as; `undefined` for the person's own user. Postgres refuses to run as root, so root
 * gets another: the owner of the data, else of the project, else `postgres`, else `nobody`.
 *
 * @throws DevenvError `database_of_another_user`, `user_cannot_reach_folder`.
 */
export async function serverUser(
  context: Context,
  cluster: Cluster,
  binaries: string,
): Promise<RunAs | undefined> {
  const own = ownUid();
  const data = await stat(cluster.dataDirectory).catch(() => undefined);
  if (own === 0) {
    const user =
      data !== undefined && data.uid !== 0 ? data : await userForNewCluster(context.platform, cluster);
    const paths = [cluster.dataDirectory, cluster.socketDirectory, path.join(binaries, 'bin', 'postgres')];
    return runAs(context, { uid: user.uid, gid: user.gid }, paths);
  }
  if (data === undefined || data.uid === own) return undefined;
  throw new DevenvError({
    code: 'database_of_another_user',
    what: `The database in ${cluster.dataDirectory} belongs to another user (uid ${data.uid}).`,
    why: 'It was made by that user, or by root on their behalf, and Postgres opens it for nobody else.',
    next: [`Take it over, rows and all: sudo chown -R ${own} ${path.dirname(cluster.dataDirectory)}`],
  });
}

/** Gives a folder and everything in it to the user the server runs as. */
export function giveTo(directory: string, user: User | undefined): void {
  chmodSync(directory, 0o700);
  if (user === undefined) return;
  lchownSync(directory, user.uid, user.gid);
  for (const entry of readdirSync(directory, { recursive: true })) {
    lchownSync(path.join(directory, String(entry)), user.uid, user.gid);
  }
}

/** The folder of the socket, for the server's user and (under root) root only. */
export async function prepareSocketDirectory(directory: string, user: User | undefined): Promise<void> {
  await makePrivateFolder(directory);
  const found = await lstat(directory);
  const allowed = [ownUid(), user?.uid];
  if (!found.isDirectory() || !allowed.includes(found.uid)) {
    throw new DevenvError({
      code: 'runtime_directory_unsafe',
      what: `The folder for the database's socket, ${directory}, can't be trusted.`,
      why: 'It is a link or belongs to another user.',
      next: [`Look at it and remove it: rm -r ${directory}`],
    });
  }
  chmodSync(directory, 0o700);
  if (user !== undefined) lchownSync(directory, user.uid, user.gid);
}

/** Not `os.userInfo()`: that throws for a user without an account, as containers have them. */
function ownUid(): number {
  return process.getuid?.() ?? -1;
}

async function userForNewCluster(platform: NodeJS.Platform, cluster: Cluster): Promise<User> {
  const owner = await stat(cluster.ownerLike).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return owner;
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const name = platform === 'darwin' ? '_postgres' : 'postgres';
  const account = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(accounts);
  return account === null ? NOBODY : { uid: Number(account[1]), gid: Number(account[2]) };
}
