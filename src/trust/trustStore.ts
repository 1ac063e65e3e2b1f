import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { withFileLock } from '../platform/fileLock.ts';
import { cacheDirectory } from '../platform/paths.ts';

type Place = Pick<Context, 'env' | 'platform'>;

/** What a person has said yes to in one project. It lies outside of the project, which can't write it itself. */
export interface TrustRecord {
  readonly v: 1;
  readonly root: string;
  /** ISO 8601, of the last yes. */
  readonly at: string;
  /** Digests of needs. */
  readonly needs: readonly string[];
}

/** One that belongs to another user says nothing. */
export async function readTrust(context: Place, root: string): Promise<TrustRecord | undefined> {
  return readRecord(recordFile(context, root), root);
}

/** Adds to what is trusted of a project. */
export async function addTrust(
  context: Place & Pick<Context, 'now' | 'signal'>,
  root: string,
  digests: readonly string[],
): Promise<void> {
  const file = recordFile(context, root);
  await withFileLock(`${file}.lock`, { signal: context.signal }, async () => {
    const needs = [...new Set([...((await readRecord(file, root))?.needs ?? []), ...digests])];
    const record: TrustRecord = { v: 1, root, at: new Date(context.now()).toISOString(), needs };
    await writeFileAtomic(file, `${JSON.stringify(record)}\n`);
  });
}

/** @returns whether there was anything to take back. */
export async function revokeTrust(context: Place, root: string): Promise<boolean> {
  const file = recordFile(context, root);
  if ((await stat(file).catch(() => undefined)) === undefined) return false;
  await rm(file, { force: true });
  return true;
}

/** Sorted by path. */
export async function listTrust(context: Place): Promise<TrustRecord[]> {
  const folder = trustFolder(context);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.json'));
  const found = await Promise.all(names.map(async (name) => readRecord(path.join(folder, name))));
  const records = found.filter((each) => each !== undefined);
  return records.toSorted((left, right) => (left.root < right.root ? -1 : 1));
}

async function readRecord(file: string, root?: string): Promise<TrustRecord | undefined> {
  try {
    const { uid, mode } = await stat(file);
    if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0) return undefined;
    const found = JSON.parse(await readFile(file, 'utf8')) as Partial<TrustRecord>;
    if (found.v !== 1 || found.root === undefined || !Array.isArray(found.needs)) return undefined;
    return root === undefined || found.root === root ? (found as TrustRecord) : undefined;
  } catch {
    // Missing or cut: asked again.
    return undefined;
  }
}

function recordFile(context: Place, root: string): string {
  return path.join(
    trustFolder(context),
    `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`,
  );
}

function trustFolder(context: Place): string {
  return path.join(cacheDirectory(context), 'trust');
}
