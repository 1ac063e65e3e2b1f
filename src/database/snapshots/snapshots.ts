import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { withDatabaseLock } from '../databaseLock.ts';
import { gitState } from './gitState.ts';
import { postgresStorage } from './postgresStorage.ts';
import {
  listSnapshots,
  moveSnapshot,
  prepareFolder,
  publishSnapshot,
  removeFolder,
  snapshotFolder,
  unfinishedFolders,
  withdrawSnapshot,
} from './snapshotFolders.ts';
import { branchSnapshot, isSameName } from './branchSnapshot.ts';
import { copyKeys, keysFingerprint } from './snapshotKeys.ts';
import { assertSnapshotName, type SnapshotRecord } from './snapshotRecord.ts';
import type { SnapshotStorage, SnapshotTarget } from './snapshotTarget.ts';
import { settleSnapshots } from './settleSnapshots.ts';
import { sqliteStorage } from './sqliteStorage.ts';

export interface SaveOptions {
  /** Undefined: named after the branch, in place of the last one that is tied to it. */
  readonly name: string | undefined;
  /** Tie it to the branch that is checked out. */
  readonly onBranch?: string;
  /** Take the place of a snapshot of this name. */
  readonly replace?: boolean;
  /** See `SnapshotRecord`. */
  readonly automaticBefore?: string;
  /** Leave everybody connected. Slower, and not possible while somebody holds a table. */
  readonly whileInUse?: boolean;
}

/**
 * Copies the project's database as it is, with the keys that its values are encrypted with. Nobody may be connected,
 * unless asked for a copy while it is in use.
 *
 * @throws DevenvError `snapshot_exists`, `snapshot_name_invalid` (misuse), `database_missing`, `database_in_use`.
 */
export async function saveSnapshot(
  context: Context,
  target: SnapshotTarget,
  options: SaveOptions,
): Promise<SnapshotRecord> {
  if (options.name !== undefined) assertSnapshotName(options.name);
  return withSettledDatabase(context, target, async (storage) => {
    const { stateDirectory } = target.project;
    const name = chooseName(await listSnapshots(stateDirectory), options);
    const record = await describeLive(context, target, storage, { ...options, name });
    if (record === undefined) throw missing(target);
    const whole = await fillFolder(target, record);
    await storage
      .save({ id: record.id, folder: whole.folder }, options.whileInUse === true)
      .catch(async (error: unknown) => {
        await abandonFolder(storage, target, record.id).catch(() => {});
        throw error;
      });
    await publishSnapshot(stateDirectory, whole.record);
    if (options.automaticBefore === undefined) await settleSnapshots(storage, target);
    else await thinAutomatic(storage, target);
    return whole.record;
  });
}

/** Under the lock: what another command has just saved counts. */
function chooseName(present: readonly SnapshotRecord[], options: SaveOptions): string {
  const { name, replaces } =
    options.name === undefined
      ? branchSnapshot(options.onBranch ?? '', present)
      : { name: options.name, replaces: options.replace === true };
  const taken = present.find((each) => isSameName(each.name, name));
  if (taken !== undefined && !replaces) throw exists(taken.name);
  return taken?.name ?? name;
}

/** Automatic ones beyond these are taken away, oldest first. */
const AUTOMATIC_KEPT = 5;

/** Runs `work` with the database's lock, after everything a killed command has left was ended. */
export async function withSettledDatabase<T>(
  context: Context,
  target: SnapshotTarget,
  work: (storage: SnapshotStorage) => Promise<T>,
): Promise<T> {
  const storage = storageOf(context, target);
  return withDatabaseLock(context, target.project, async () => {
    await settleSnapshots(storage, target);
    return work(storage);
  });
}

/** @throws DevenvError `snapshot_unknown` (misuse). */
export async function deleteSnapshot(
  context: Context,
  target: SnapshotTarget,
  name: string,
): Promise<SnapshotRecord> {
  return withSettledDatabase(context, target, async (storage) => {
    const record = await findSnapshot(target.project.stateDirectory, name);
    await withdrawSnapshot(target.project.stateDirectory, record);
    await settleSnapshots(storage, target);
    return record;
  });
}

/**
 * Gives a snapshot another name. One that was made automatically is kept from then on: it has a name that means something.
 *
 * @throws DevenvError `snapshot_unknown`, `snapshot_exists`, `snapshot_name_invalid` (misuse).
 */
export async function renameSnapshot(
  context: Context,
  target: SnapshotTarget,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<SnapshotRecord> {
  assertSnapshotName(to);
  return withSettledDatabase(context, target, async () => {
    const { stateDirectory } = target.project;
    const { automaticBefore: _, ...record } = await findSnapshot(stateDirectory, from);
    const taken = (await listSnapshots(stateDirectory)).find((each) => isSameName(each.name, to));
    if (taken !== undefined && taken.name !== from) throw exists(taken.name);
    return moveSnapshot(stateDirectory, record, to);
  });
}

/** @throws DevenvError `snapshot_unknown` (misuse). */
export async function findSnapshot(stateDirectory: string, name: string): Promise<SnapshotRecord> {
  const all = await listSnapshots(stateDirectory);
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new DevenvError({
    code: 'snapshot_unknown',
    what: `There is no snapshot "${name}".`,
    why: all.length === 0 ? 'There is none yet.' : `There are: ${all.map((each) => each.name).join(', ')}.`,
    next: ['devenv snapshot list shows all', 'devenv snapshot save NAME makes one'],
    misuse: true,
  });
}

/** Of what the project has now; undefined when it has no database. */
export async function describeLive(
  context: Context,
  target: SnapshotTarget,
  storage: SnapshotStorage,
  options: Pick<SaveOptions, 'onBranch' | 'automaticBefore'> & { readonly name: string },
): Promise<SnapshotRecord | undefined> {
  const { project, description, environment } = target;
  const sizeBytes = await storage.size();
  if (sizeBytes === undefined) return undefined;
  const [revision, git, keys] = await Promise.all([
    storage.revision(),
    gitState(context, project.root),
    keysFingerprint(project.stateDirectory),
  ]);
  return {
    version: 1,
    name: options.name,
    id: randomBytes(4).toString('hex'),
    createdAt: context.now(),
    ...(options.automaticBefore === undefined ? {} : { automaticBefore: options.automaticBefore }),
    kind: description.kind,
    database: description.name,
    airflowVersion: environment.airflowVersion,
    ...(revision === undefined ? {} : { revision }),
    ...(git === undefined ? {} : { git }),
    ...(options.onBranch !== undefined && git?.branch === options.onBranch ? { onBranch: true } : {}),
    sizeBytes,
    keys,
    parts: [],
  };
}

/** Everything but the database, which comes last: a copy of it makes the snapshot whole. */
export async function fillFolder(
  target: SnapshotTarget,
  record: SnapshotRecord,
): Promise<{ readonly folder: string; readonly record: SnapshotRecord }> {
  const { stateDirectory } = target.project;
  const folder = await prepareFolder(stateDirectory, record);
  await copyKeys(stateDirectory, folder);
  const parts: string[] = [];
  for (const part of target.parts) {
    if (await part.save(path.join(folder, part.name))) parts.push(part.name);
  }
  if (parts.length === 0) return { folder, record };
  const complete = { ...record, parts };
  await prepareFolder(stateDirectory, complete);
  return { folder, record: complete };
}

/** Takes away the oldest automatic ones. */
export async function thinAutomatic(storage: SnapshotStorage, target: SnapshotTarget): Promise<void> {
  const { stateDirectory } = target.project;
  const automatic = (await listSnapshots(stateDirectory)).filter(
    (each) => each.automaticBefore !== undefined && each.database === target.description.name,
  );
  for (const each of automatic.slice(0, Math.max(0, automatic.length - AUTOMATIC_KEPT))) {
    await withdrawSnapshot(stateDirectory, each);
  }
  await settleSnapshots(storage, target);
}

/** A free name for a snapshot nobody asked for: `before-restore-20260131-101500`. */
export async function automaticName(stateDirectory: string, before: string, now: number): Promise<string> {
  const [date = '', time = ''] = new Date(now).toISOString().split(/[T.]/);
  const wanted = `before-${before}-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
  const taken = new Set((await listSnapshots(stateDirectory)).map((each) => each.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** Its folder and data, as storage takes them. */
export function placeOf(target: SnapshotTarget, record: SnapshotRecord) {
  return { id: record.id, folder: snapshotFolder(target.project.stateDirectory, record.name) };
}

/** Takes a folder away that did not become a snapshot. */
export async function abandonFolder(
  storage: SnapshotStorage,
  target: SnapshotTarget,
  id: string,
): Promise<void> {
  for (const each of await unfinishedFolders(target.project.stateDirectory)) {
    if (each.id !== id) continue;
    await storage.remove(each);
    await removeFolder(each.folder);
  }
}

function storageOf(context: Context, target: SnapshotTarget): SnapshotStorage {
  return target.description.kind === 'sqlite'
    ? sqliteStorage(context, target)
    : postgresStorage(context, target);
}

export async function databaseIsThere(context: Context, target: SnapshotTarget): Promise<boolean> {
  return (await storageOf(context, target).size()) !== undefined;
}

function exists(name: string): DevenvError {
  return new DevenvError({
    code: 'snapshot_exists',
    what: `There is a snapshot "${name}" already.`,
    next: ['Choose another name', 'devenv snapshot save --replace puts the new one in its place'],
    misuse: true,
  });
}

function missing(target: SnapshotTarget): DevenvError {
  return new DevenvError({
    code: 'database_missing',
    what: `There is no database ${target.description.name} yet.`,
    next: ['devenv db migrate makes it, as every first run does'],
  });
}
