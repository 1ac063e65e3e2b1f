import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { HdfsSeed } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { withAnnouncedLock } from '../../platform/announcedLock.ts';
import { linkLoop } from '../../platform/linkLoop.ts';
import type { HdfsFiles } from '../client/hdfsFiles.ts';
import { remoteException } from '../client/remoteException.ts';
import { webHdfsFiles, type WebHdfsFiles } from '../client/webHdfsFiles.ts';
import { hadoopUser, systemUser } from '../configuration/hadoopUser.ts';
import { placeUrl } from '../daemon/hdfsPlace.ts';
import { hdfsDirectory } from '../daemon/hdfsRecord.ts';
import { prepareHdfs } from '../openHdfs.ts';
import type { HdfsProject } from '../hdfsProject.ts';
import { readSeedMemory, writeSeedMemory, type LocalStamp } from './seedMemory.ts';

export interface SeedReport {
  /** Files that were put there now. */
  readonly put: number;
  /** Files that were there as they should be, or that a job has changed since. */
  readonly untouched: number;
}

interface LocalFile extends LocalStamp {
  readonly source: string;
  readonly target: string;
}

/**
 * Puts the files of `hdfs.seed` into the project's HDFS. What is there stays as it is, also when a job has changed it,
 * unless the local file has changed since it was put there; what is gone comes back.
 *
 * @throws DevenvError `hdfs_seed_unreadable`, and what `prepareHdfs` and the files throw.
 */
export async function seedHdfs(context: Context, project: HdfsProject): Promise<SeedReport> {
  const lock = path.join(hdfsDirectory(project.stateDirectory), 'seed.lock');
  return withAnnouncedLock(context, lock, 'another devenv that seeds HDFS', async () => {
    const local = (await Promise.all((project.hdfs?.seed ?? []).map(localFiles))).flat();
    const place = await prepareHdfs(context, project);
    const as = (user: string): WebHdfsFiles => webHdfsFiles({ url: placeUrl(place), user });
    const [files, superuser] = [as(hadoopUser(context.env, project.hdfs)), as(systemUser(context.env))];
    try {
      return await putAll(context, project.stateDirectory, local, { files, superuser });
    } finally {
      files.close();
      superuser.close();
    }
  });
}

interface Clients {
  readonly files: HdfsFiles;
  readonly superuser: HdfsFiles;
}

async function putAll(
  context: Context,
  stateDirectory: string,
  local: readonly LocalFile[],
  clients: Clients,
): Promise<SeedReport> {
  const before = await readSeedMemory(stateDirectory);
  const known: Record<string, LocalStamp> = { ...before?.files };
  let [put, complete] = [0, before?.complete ?? false];
  try {
    const there = await presentFiles(clients.superuser, local);
    for (const each of local) {
      context.signal.throwIfAborted();
      if (!there.has(each.target) || hasChanged(each, known[each.target])) {
        await putAsSomebody(clients, each);
        put += 1;
      }
      known[each.target] = { size: each.size, mtime: each.mtime };
    }
    complete = true;
  } finally {
    // Also of what was interrupted: a large file is not put again.
    await writeSeedMemory(stateDirectory, { complete, files: known });
  }
  return { put, untouched: local.length - put };
}

async function putAsSomebody({ files, superuser }: Clients, file: LocalFile): Promise<void> {
  try {
    await putFile(files, file);
  } catch (error) {
    // Outside of the folders of tasks it is an administrator who puts files.
    if (remoteException(error)?.exception !== 'AccessControlException') throw error;
    await putFile(superuser, file);
  }
}

function hasChanged(file: LocalFile, before: LocalStamp | undefined): boolean {
  return before !== undefined && (before.size !== file.size || before.mtime !== file.mtime);
}

/** One file, or all files of a folder, below it too. Hidden ones count: jobs leave `_SUCCESS` and `.crc`. */
async function localFiles({ source, target }: HdfsSeed): Promise<LocalFile[]> {
  try {
    const found = await stat(source);
    if (!found.isDirectory()) return [{ source, target, size: found.size, mtime: found.mtimeMs }];
    await refuseLoop(source);
    const names = (await readdir(source)).toSorted();
    const below = names.map((name) =>
      localFiles({ source: path.join(source, name), target: path.posix.join(target, name) }),
    );
    return (await Promise.all(below)).flat();
  } catch (cause) {
    if (cause instanceof DevenvError) throw cause;
    throw new DevenvError({
      code: 'hdfs_seed_unreadable',
      what: `${source}, which hdfs.seed in devenv.yaml names, can't be read.`,
      why: cause instanceof Error ? `${cause.message}.` : String(cause),
      next: ['Look at its owner and mode, or take it out of devenv.yaml'],
      cause,
    });
  }
}

async function refuseLoop(folder: string): Promise<void> {
  const around = await linkLoop(folder);
  if (around === undefined) return;
  throw new DevenvError({
    code: 'hdfs_seed_unreadable',
    what: `${folder}, which lies in a folder that hdfs.seed in devenv.yaml names, leads back to ${around}.`,
    why: 'It is a link to a folder that it lies in: what is below it never ends.',
    next: ['Remove the link, or name the folders that you want under hdfs.seed'],
  });
}

/** One listing for each folder, not a question for each file. */
async function presentFiles(files: HdfsFiles, local: readonly LocalFile[]): Promise<ReadonlySet<string>> {
  const there = new Set<string>();
  for (const folder of new Set(local.map(({ target }) => path.posix.dirname(target)))) {
    if (!(await files.exists(folder))) continue;
    for (const { name } of await files.list(folder)) there.add(path.posix.join(folder, name));
  }
  return there;
}

/** Written aside and renamed: a job that starts meanwhile sees the old file or the new. */
async function putFile(files: HdfsFiles, { source, target }: LocalFile): Promise<void> {
  const aside = `${target}._COPYING_`;
  await files.create(aside, createReadStream(source), { overwrite: true });
  await files.replace(aside, target);
}
