import { randomBytes } from 'node:crypto';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { databaseName } from '../describeDatabase.ts';
import { readRevisions, type Revisions } from '../revisions.ts';
import { completeRestore, removeJournal, writeJournal } from './settleSnapshots.ts';
import type { SnapshotRecord } from './snapshotRecord.ts';
import {
  abandonFolder,
  automaticName,
  describeLive,
  fillFolder,
  findSnapshot,
  placeOf,
  thinAutomatic,
  withSettledDatabase,
} from './snapshots.ts';
import type { OtherDatabase, SnapshotStorage, SnapshotTarget } from './snapshotTarget.ts';

export interface Exchange {
  /** What the database was until now; undefined when there was none. */
  readonly previous: SnapshotRecord | undefined;
  /** Where the files of a database are kept that was beyond reading, and is no snapshot. */
  readonly damaged?: string;
  /** Whether keys of the snapshot took the place of others. */
  readonly keysChanged: boolean;
  readonly migrated: boolean;
}

/**
 * Puts a snapshot in the place of the database, which becomes a snapshot itself. A kill at any moment leaves the one
 * or the other. Nobody may be connected.
 *
 * @param options.migrate what an older Airflow has made is migrated; without it that is refused.
 * @throws DevenvError `snapshot_unknown`, `snapshot_of_other_airflow` (misuse), `snapshot_of_newer_airflow`,
 * `snapshot_damaged`, `database_in_use`, `database_migration_failed`.
 */
export async function restoreSnapshot(
  context: Context,
  target: SnapshotTarget,
  options: { readonly name: string; readonly migrate: boolean },
): Promise<Exchange & { readonly record: SnapshotRecord }> {
  return withSettledDatabase(context, target, async (storage) => {
    const record = await findSnapshot(target.project.stateDirectory, options.name);
    const revisions = await readRevisions(target.environment);
    const needs = restoreNeeds(record, target, revisions);
    if (needs === 'newer') throw madeByNewer(record, target);
    if (needs === 'consent' && !options.migrate) throw madeByOther(record, target);
    if (!(await storage.has(placeOf(target, record)))) throw damaged(record);
    const migrate = needs !== 'nothing';
    const exchange = await exchangeFor(context, target, storage, {
      before: 'restore',
      automaticBefore: `restore of ${record.name}`,
      source: record,
      migrate,
    });
    return { ...exchange, record };
  });
}

/**
 * Puts an empty, migrated database in the place of the present one, which becomes a snapshot. Nobody may be connected.
 *
 * @throws DevenvError `database_in_use`, `database_migration_failed`.
 */
export async function resetDatabase(context: Context, target: SnapshotTarget): Promise<Exchange> {
  return withSettledDatabase(context, target, (storage) =>
    exchangeFor(context, target, storage, {
      before: 'reset',
      automaticBefore: 'reset',
      source: undefined,
      migrate: false,
    }),
  );
}

/**
 * What it takes to use a snapshot with the project's Airflow. Another minor version means a migration that a person
 * should know of, another patch release one that any first run makes. Pure.
 */
export function restoreNeeds(
  record: Pick<SnapshotRecord, 'database' | 'revision' | 'airflowVersion' | 'kind'>,
  target: {
    readonly description: { readonly kind: string; readonly name: string };
    readonly environment: { readonly airflowVersion: string };
  },
  revisions: Revisions | undefined,
): 'nothing' | 'migration' | 'consent' | 'newer' {
  const isKnown =
    revisions === undefined || record.revision === undefined || revisions.known.has(record.revision);
  if (!isKnown) return 'newer';
  if (databaseName(record.airflowVersion) !== target.description.name) {
    return isNewer(record.airflowVersion, target.environment.airflowVersion) ? 'newer' : 'consent';
  }
  return revisions === undefined || record.revision === revisions.head ? 'nothing' : 'migration';
}

/** By major and minor version: patch releases share a database. */
function isNewer(one: string, other: string): boolean {
  const [left = [], right = []] = [one, other].map((each) => each.split('.').map(Number));
  return (left[0] ?? 0) - (right[0] ?? 0) > 0 || (left[0] === right[0] && (left[1] ?? 0) > (right[1] ?? 0));
}

/**
 * Puts a migrated copy of the project's database for another minor version of Airflow in the place of the present one,
 * which becomes a snapshot. The other one stays as it is. Nobody may be connected.
 *
 * @throws DevenvError `database_unknown` (misuse), `database_in_use`, `database_migration_failed`.
 */
export async function migrateFrom(
  context: Context,
  target: SnapshotTarget,
  database: string,
): Promise<Exchange> {
  return withSettledDatabase(context, target, async (storage) => {
    const others = (await storage.databases()).filter((each) => each !== target.description.name);
    if (!others.includes(database)) throw unknownDatabase(database, others);
    return exchangeFor(context, target, storage, {
      before: 'migrate',
      automaticBefore: `migration of ${database}`,
      source: { database },
      migrate: true,
    });
  });
}

interface ExchangeRequest {
  /** A word in the name of the automatic snapshot. */
  readonly before: string;
  readonly automaticBefore: string;
  readonly source: SnapshotRecord | OtherDatabase | undefined;
  readonly migrate: boolean;
}

async function exchangeFor(
  context: Context,
  target: SnapshotTarget,
  storage: SnapshotStorage,
  request: ExchangeRequest,
): Promise<Exchange> {
  const { stateDirectory } = target.project;
  const name = await automaticName(stateDirectory, request.before, context.now());
  const live = await describeLive(context, target, storage, {
    name,
    automaticBefore: request.automaticBefore,
  });
  const id = live?.id ?? randomBytes(4).toString('hex');
  const { source } = request;
  const snapshot = source !== undefined && 'id' in source ? source : undefined;
  const place = source !== undefined && 'id' in source ? placeOf(target, source) : source;
  try {
    // First: what is left of a kill is found by it.
    const filled = live === undefined ? undefined : await fillFolder(target, live);
    await storage.prepare(id, place);
    if (request.migrate) await storage.migrate(id);
    context.signal.throwIfAborted();
    const journal = {
      version: 1,
      id,
      ...(snapshot === undefined ? {} : { snapshot: snapshot.name }),
    } as const;
    await writeJournal(stateDirectory, journal);
    const damaged = await storage.exchange(id, { id, folder: filled?.folder ?? '' });
    await completeRestore(storage, target, journal);
    await thinAutomatic(storage, target);
    return {
      previous: damaged === undefined ? filled?.record : undefined,
      ...(damaged === undefined ? {} : { damaged }),
      keysChanged:
        live !== undefined && snapshot !== undefined && snapshot.keys !== '' && snapshot.keys !== live.keys,
      migrated: request.migrate,
    };
  } catch (error) {
    if (await storage.isPrepared(id).catch(() => false)) {
      // Nothing has happened to the database. What can't be taken away now is by the next command.
      await removeJournal(stateDirectory);
      await storage.discardPrepared(id).catch(() => {});
      await abandonFolder(storage, target, id).catch(() => {});
    }
    throw error;
  }
}

function unknownDatabase(name: string, others: readonly string[]): DevenvError {
  return new DevenvError({
    code: 'database_unknown',
    what: `The project has no other database "${name}".`,
    why: others.length === 0 ? 'It has no other at all.' : `There are: ${others.join(', ')}.`,
    misuse: true,
  });
}

function madeByNewer(record: SnapshotRecord, target: SnapshotTarget): DevenvError {
  return new DevenvError({
    code: 'snapshot_of_newer_airflow',
    what: `The snapshot ${record.name} was made by Airflow ${record.airflowVersion}, newer than ${target.environment.airflowVersion}.`,
    why: 'Its tables have what this Airflow does not know; going back would lose it.',
    next: [`Set that version in devenv.yaml: \`airflow: {version: ${record.airflowVersion}}\``],
  });
}

function madeByOther(record: SnapshotRecord, target: SnapshotTarget): DevenvError {
  return new DevenvError({
    code: 'snapshot_of_other_airflow',
    what: `The snapshot ${record.name} was made by Airflow ${record.airflowVersion}; the project has ${target.environment.airflowVersion}.`,
    next: [
      `Migrate a copy of it: devenv snapshot restore ${record.name} --migrate`,
      `Or go back to that version in devenv.yaml: \`airflow: {version: ${record.airflowVersion}}\``,
    ],
    misuse: true,
  });
}

function damaged(record: SnapshotRecord): DevenvError {
  return new DevenvError({
    code: 'snapshot_damaged',
    what: `The data of the snapshot ${record.name} are gone.`,
    why:
      record.kind === 'postgres'
        ? "They were a database in the project's Postgres, which was deleted or begun anew."
        : 'Its file was deleted.',
    next: [`Take it off the list: devenv snapshot delete ${record.name}`],
  });
}
