import { readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { fileSystemError } from '../../platform/fileSystemError.ts';
import type { SnapshotRecord } from './snapshotRecord.ts';
import { makePrivateFolder } from '../../platform/privateFolder.ts';

/** What is being made or taken away carries this in front; a name of a snapshot can't begin with a dot. */
const [BUILDING, DELETING] = ['.building-', '.deleting-'];
const RECORD = 'snapshot.json';

/** Where snapshots of a project are kept: a folder for each, named like it. */
export function snapshotsDirectory(stateDirectory: string): string {
  return path.join(stateDirectory, 'snapshots');
}

export function snapshotFolder(stateDirectory: string, name: string): string {
  return path.join(snapshotsDirectory(stateDirectory), name);
}

/** Oldest first. */
export async function listSnapshots(stateDirectory: string): Promise<readonly SnapshotRecord[]> {
  const folders = await entries(stateDirectory);
  const found = await Promise.all(
    folders
      .filter((name) => !name.startsWith('.'))
      .map((name) => readRecord(snapshotFolder(stateDirectory, name))),
  );
  return found.filter((each) => each !== undefined).toSorted((one, two) => one.createdAt - two.createdAt);
}

export async function readRecord(folder: string): Promise<SnapshotRecord | undefined> {
  try {
    const read = JSON.parse(await readFile(path.join(folder, RECORD), 'utf8')) as SnapshotRecord;
    // It is found by its folder's name; who renamed the folder renamed the snapshot.
    return read.version === 1 && typeof read.id === 'string'
      ? { ...read, name: nameOf(folder, read) }
      : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(folder: string, record: SnapshotRecord): string {
  const base = path.basename(folder);
  return base.startsWith('.') ? record.name : base;
}

/** A folder that is no snapshot yet: `publishSnapshot` makes it one. */
export async function prepareFolder(stateDirectory: string, record: SnapshotRecord): Promise<string> {
  const folder = path.join(snapshotsDirectory(stateDirectory), `${BUILDING}${record.id}`);
  try {
    await makePrivateFolder(folder);
  } catch (error) {
    throw fileSystemError(error, 'make a snapshot', folder);
  }
  await writeFileAtomic(path.join(folder, RECORD), JSON.stringify(record, undefined, 2));
  return folder;
}

/** In one step; a snapshot of that name is replaced, and its data are found among `unfinishedFolders` then. */
export async function publishSnapshot(stateDirectory: string, record: SnapshotRecord): Promise<void> {
  const target = snapshotFolder(stateDirectory, record.name);
  const old = await readRecord(target);
  if (old !== undefined) await withdrawSnapshot(stateDirectory, old);
  await rename(path.join(snapshotsDirectory(stateDirectory), `${BUILDING}${record.id}`), target);
}

/** The record first: killed in between, it has the old name still. Its data are named after its id. */
export async function moveSnapshot(
  stateDirectory: string,
  record: SnapshotRecord,
  name: string,
): Promise<SnapshotRecord> {
  const folder = snapshotFolder(stateDirectory, record.name);
  const moved = { ...record, name };
  await writeFileAtomic(path.join(folder, RECORD), JSON.stringify(moved, undefined, 2));
  await rename(folder, snapshotFolder(stateDirectory, name));
  return moved;
}

/** From now on there is no snapshot of this name; its data are still there. */
export async function withdrawSnapshot(stateDirectory: string, record: SnapshotRecord): Promise<void> {
  const aside = path.join(snapshotsDirectory(stateDirectory), `${DELETING}${record.id}`);
  await rename(snapshotFolder(stateDirectory, record.name), aside);
}

export interface UnfinishedFolder {
  readonly folder: string;
  readonly id: string;
  readonly what: 'building' | 'deleting';
  /** Undefined when the kill came before it was written. */
  readonly record: SnapshotRecord | undefined;
}

/** What a killed command left half made or half deleted. */
export async function unfinishedFolders(stateDirectory: string): Promise<readonly UnfinishedFolder[]> {
  const names = (await entries(stateDirectory)).filter((name) => /^\.(building|deleting)-/.test(name));
  return Promise.all(
    names.map(async (name) => {
      const folder = path.join(snapshotsDirectory(stateDirectory), name);
      const what = name.startsWith(BUILDING) ? 'building' : 'deleting';
      return {
        folder,
        id: name.slice(name.indexOf('-') + 1),
        what,
        record: await readRecord(folder),
      } as const;
    }),
  );
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function entries(stateDirectory: string): Promise<readonly string[]> {
  return readdir(snapshotsDirectory(stateDirectory)).catch(() => []);
}
