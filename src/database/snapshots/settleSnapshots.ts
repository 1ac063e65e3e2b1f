import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../platform/atomicFile.ts';
import { copyKeys, keepHiddenTexts } from './snapshotKeys.ts';
import {
  publishSnapshot,
  readRecord,
  removeFolder,
  snapshotFolder,
  snapshotsDirectory,
  unfinishedFolders,
  type UnfinishedFolder,
} from './snapshotFolders.ts';
import type { SnapshotStorage, SnapshotTarget } from './snapshotTarget.ts';

/** Written before the databases are exchanged, removed when everything that goes with it is done. */
export interface RestoreJournal {
  readonly version: 1;
  /** Of the prepared copy and of the snapshot that the present database becomes. */
  readonly id: string;
  /** Whose keys and other parts come with it; undefined when only the database is exchanged. */
  readonly snapshot?: string;
}

/**
 * Ends what a killed command has begun: what had happened to the database decides whether forwards or back. The
 * caller holds the database's lock.
 *
 * @returns whether there was anything.
 */
export async function settleSnapshots(storage: SnapshotStorage, target: SnapshotTarget): Promise<boolean> {
  const { stateDirectory } = target.project;
  const journal = await readJournal(stateDirectory);
  const unfinished = await unfinishedFolders(stateDirectory);
  if (journal !== undefined || unfinished.length > 0) await storage.endAbandoned();
  if (journal !== undefined) await settleRestore(storage, target, journal, unfinished);
  for (const each of unfinished) {
    if (each.id !== journal?.id) await settleFolder(storage, target, each);
  }
  if (journal !== undefined || unfinished.length > 0) await storage.discardLeftovers();
  return journal !== undefined || unfinished.length > 0;
}

export async function writeJournal(stateDirectory: string, journal: RestoreJournal): Promise<void> {
  await writeFileAtomic(journalFile(stateDirectory), JSON.stringify(journal));
}

/** What follows once the databases are exchanged; may be done twice. */
export async function completeRestore(
  storage: SnapshotStorage,
  target: SnapshotTarget,
  journal: RestoreJournal,
): Promise<void> {
  const { stateDirectory } = target.project;
  if (journal.snapshot !== undefined)
    await bringBack(target, snapshotFolder(stateDirectory, journal.snapshot));
  const [aside] = (await unfinishedFolders(stateDirectory)).filter((each) => each.id === journal.id);
  if (aside?.record !== undefined && (await storage.has(aside))) {
    await publishSnapshot(stateDirectory, aside.record);
  } else if (aside !== undefined) {
    // There was no database before.
    await removeFolder(aside.folder);
  }
  await removeJournal(stateDirectory);
}

async function bringBack(target: SnapshotTarget, folder: string): Promise<void> {
  await keepHiddenTexts(folder, target.project.stateDirectory);
  await copyKeys(folder, target.project.stateDirectory);
  const record = await readRecord(folder);
  for (const part of target.parts) {
    if (record?.parts.includes(part.name)) await part.restore(path.join(folder, part.name));
  }
}

async function settleRestore(
  storage: SnapshotStorage,
  target: SnapshotTarget,
  journal: RestoreJournal,
  unfinished: readonly UnfinishedFolder[],
): Promise<void> {
  if (!(await storage.isPrepared(journal.id))) {
    await completeRestore(storage, target, journal);
    return;
  }
  // First: without the copy it would read as if the exchange had happened.
  await removeJournal(target.project.stateDirectory);
  await storage.discardPrepared(journal.id);
  for (const { id, folder } of unfinished) if (id === journal.id) await removeFolder(folder);
}

async function settleFolder(
  storage: SnapshotStorage,
  target: SnapshotTarget,
  unfinished: UnfinishedFolder,
): Promise<void> {
  const { what, record, folder, id } = unfinished;
  const isWhole = what === 'building' && record !== undefined && (await storage.has(unfinished));
  if (isWhole) {
    await publishSnapshot(target.project.stateDirectory, record);
    return;
  }
  await storage.remove({ id, folder });
  await removeFolder(folder);
}

export async function removeJournal(stateDirectory: string): Promise<void> {
  await rm(journalFile(stateDirectory), { force: true });
}

function journalFile(stateDirectory: string): string {
  return path.join(snapshotsDirectory(stateDirectory), 'restoring.json');
}

async function readJournal(stateDirectory: string): Promise<RestoreJournal | undefined> {
  try {
    const read = JSON.parse(await readFile(journalFile(stateDirectory), 'utf8')) as RestoreJournal;
    return read.version === 1 && typeof read.id === 'string' ? read : undefined;
  } catch {
    return undefined;
  }
}
