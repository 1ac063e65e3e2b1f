import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { HdfsSeed } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import type { HdfsFiles } from '../client/hdfsFiles.ts';
import { openHdfs, type HdfsProject } from '../openHdfs.ts';
import { readSeedMemory, writeSeedMemory, type LocalStamp, type SeedMemory } from './seedMemory.ts';

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
 * @throws DevenvError `hdfs_seed_unreadable`, and what `openHdfs` and its files throw.
 */
export async function seedHdfs(context: Context, project: HdfsProject): Promise<SeedReport> {
  const { stateDirectory } = project;
  const local = (await Promise.all((project.hdfs?.seed ?? []).map(localFiles))).flat();
  const memory = (await readSeedMemory(stateDirectory)) ?? {};
  const files = await openHdfs(context, project);
  const known: Record<string, LocalStamp> = {};
  let put = 0;
  try {
    const there = await presentFiles(files, local);
    for (const each of local) {
      context.signal.throwIfAborted();
      if (!there.has(each.target) || hasChanged(each, memory)) {
        await putFile(files, each);
        put += 1;
      }
      known[each.target] = { size: each.size, mtime: each.mtime };
    }
  } finally {
    files.close();
    await writeSeedMemory(stateDirectory, { ...memory, ...known });
  }
  return { put, untouched: local.length - put };
}

/** Nothing that `hdfs.seed` names was ever put into this project's HDFS. */
export async function isNeverSeeded(stateDirectory: string): Promise<boolean> {
  return (await readSeedMemory(stateDirectory)) === undefined;
}

function hasChanged(file: LocalFile, memory: SeedMemory): boolean {
  const before = memory[file.target];
  return before !== undefined && (before.size !== file.size || before.mtime !== file.mtime);
}

/** One file, or all files of a folder, below it too. Hidden ones count: jobs leave `_SUCCESS` and `.crc`. */
async function localFiles({ source, target }: HdfsSeed): Promise<LocalFile[]> {
  try {
    const found = await stat(source);
    if (!found.isDirectory()) return [{ source, target, size: found.size, mtime: found.mtimeMs }];
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

/** One listing for each folder, not a question for each file. */
async function presentFiles(files: HdfsFiles, local: readonly LocalFile[]): Promise<ReadonlySet<string>> {
  const there = new Set<string>();
  for (const folder of new Set(local.map(({ target }) => path.posix.dirname(target)))) {
    if (!(await files.exists(folder))) continue;
    for (const { name } of await files.list(folder)) there.add(path.posix.join(folder, name));
  }
  return there;
}

/** Written aside and renamed: a job that starts meanwhile sees the whole file or none. */
async function putFile(files: HdfsFiles, { source, target }: LocalFile): Promise<void> {
  const aside = `${target}._COPYING_`;
  await files.create(aside, createReadStream(source), { overwrite: true });
  await files.delete(target);
  await files.rename(aside, target);
}
