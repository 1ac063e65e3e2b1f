import { hash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { unpackArchive } from './archives.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

export interface UnpackRequest {
  /** The archive's file name: it tells the format. */
  readonly name: string;
  readonly cacheDirectory: string;
  /** Of this version of the archive; without one it is unpacked anew. */
  readonly stamp: string | undefined;
  readonly python: string;
  /** @returns the local file. */
  readonly fetch: () => Promise<string>;
}

const KEPT_ARCHIVES = 5;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The folder with the contents of an archive. An environment of a gigabyte takes longer to unpack than many a job to
 * run: jobs share it, as they do on a node of YARN.
 *
 * @throws what `fetch` throws; DevenvError `spark_archive_damaged`, `disk_full`.
 */
export async function ensureUnpacked(context: Context, request: UnpackRequest): Promise<string> {
  const { cacheDirectory } = request;
  const key = hash('sha256', request.stamp ?? randomUUID()).slice(0, 16);
  const folder = path.join(cacheDirectory, `${request.name}-${key}`);
  await makePrivateFolder(cacheDirectory);
  return withAnnouncedLock(context, `${folder}.lock`, 'another job that unpacks this archive', async () => {
    if (!existsSync(folder)) await unpackAside(context, request, folder);
    // Whoever was used last is removed last.
    const now = new Date(context.now());
    await utimes(folder, now, now).catch(() => {});
    await removeUnused(context, cacheDirectory);
    return folder;
  });
}

async function unpackAside(context: Context, request: UnpackRequest, folder: string): Promise<void> {
  const aside = path.join(path.dirname(folder), `.unpacking-${path.basename(folder)}`);
  await rm(aside, { recursive: true, force: true });
  try {
    const file = await request.fetch();
    await unpackArchive(context, { file, name: request.name }, aside, request.python);
    await rename(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => {});
  }
}

/** What a day has not been used, beyond the last few: a running job has not begun before that. */
async function removeUnused(context: Context, directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.') && !name.endsWith('.lock'));
  const used = await Promise.all(
    names.map(async (name) => {
      const found = await stat(path.join(directory, name)).catch(() => undefined);
      return { name, at: found?.mtimeMs ?? 0 };
    }),
  );
  const old = used.toSorted((left, right) => right.at - left.at).slice(KEPT_ARCHIVES);
  for (const { name, at } of old) {
    if (context.now() - at < DAY_MS) continue;
    await rm(path.join(directory, name), { recursive: true, force: true }).catch(() => {});
  }
}
