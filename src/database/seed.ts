import { rmSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../context.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { cacheDirectory, runtimeDirectory } from '../platform/paths.ts';
import { createFromTemplate, type SchemaMigration } from './airflowDatabases.ts';
import { BINARIES_VERSION } from './binaries.ts';
import { realDirectory, startCluster, stopCluster } from './cluster.ts';
import type { Cluster } from './clusterPlace.ts';
import { withTemplateLock } from './databaseLock.ts';
import { socketDirectoryIn, templateName } from './describeDatabase.ts';
import { countEntries, initializeCluster } from './newCluster.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';

/** A stopped cluster in the cache that has the migrated database and its template; new projects copy it. */
export interface Seed {
  readonly dataDirectory: string;
  /** Files and folders in it. */
  readonly entries: number;
}

/**
 * The seed for an environment, made where it is missing (5 s, once per environment on a machine).
 *
 * @param fingerprint from `schemaFingerprint`.
 */
export async function ensureSeed(
  context: Context,
  fingerprint: string,
  name: string,
  migration: SchemaMigration,
): Promise<Seed> {
  const directory = await seedDirectory(context, fingerprint, migration);
  const found = await readSeed(directory);
  if (found !== undefined) return found;
  return withTemplateLock(context, `${directory}.lock`, async () => {
    return (await readSeed(directory)) ?? buildSeed(context, directory, fingerprint, name, migration);
  });
}

/** For a seed that turned out damaged. The next `ensureSeed` makes it again. */
export async function discardSeed(
  context: Context,
  fingerprint: string,
  migration: SchemaMigration,
): Promise<void> {
  const directory = await seedDirectory(context, fingerprint, migration);
  await withTemplateLock(context, `${directory}.lock`, async () => {
    rmSync(directory, { recursive: true, force: true });
  });
}

const FORMAT = 1;

async function readSeed(directory: string): Promise<Seed | undefined> {
  try {
    const read = JSON.parse(await readFile(path.join(directory, 'seed.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    if (read['version'] !== FORMAT || typeof read['entries'] !== 'number') return undefined;
    return { dataDirectory: path.join(directory, 'data'), entries: read['entries'] };
  } catch {
    return undefined;
  }
}

async function buildSeed(
  context: Context,
  directory: string,
  fingerprint: string,
  name: string,
  migration: SchemaMigration,
): Promise<Seed> {
  const { airflowVersion } = migration.environment;
  const step = {
    type: 'step',
    id: 'database.seed',
    text: `Preparing the database of Airflow ${airflowVersion}`,
  } as const;
  context.emit({ ...step, state: 'working' });
  const aside = `${directory}.building`;
  const cluster: Cluster = {
    dataDirectory: path.join(aside, 'data'),
    socketDirectory: socketDirectoryIn(await runtimeDirectory(context, aside)),
    logFile: path.join(path.dirname(directory), 'build.log'),
    ownerLike: cacheDirectory(context),
    // Every project copies the write-ahead log: without this it is 20 MB of segments kept for later.
    settings: { min_wal_size: '2MB', max_wal_size: '2MB' },
  };
  try {
    // A devenv that was killed here may have left its server running.
    await stopCluster(context, cluster);
    rmSync(aside, { recursive: true, force: true });
    await makePrivateFolder(aside);
    await initializeCluster(context, cluster);
    await startCluster(context, cluster);
    await createFromTemplate(
      context,
      cluster.socketDirectory,
      { name, template: templateName(fingerprint) },
      migration,
    );
    await stopCluster(context, cluster);
    const entries = countEntries(cluster.dataDirectory);
    await writeFileAtomic(path.join(aside, 'seed.json'), JSON.stringify({ version: FORMAT, entries }));
    rmSync(directory, { recursive: true, force: true });
    await rename(aside, directory);
    context.emit({ ...step, state: 'done' });
    return { dataDirectory: path.join(directory, 'data'), entries };
  } catch (error) {
    context.emit({ ...step, state: 'failed' });
    throw error;
  } finally {
    await stopCluster({ ...context, signal: new AbortController().signal }, cluster);
    rmSync(path.dirname(cluster.socketDirectory), { recursive: true, force: true });
    rmSync(aside, { recursive: true, force: true });
  }
}

async function seedDirectory(
  context: Context,
  fingerprint: string,
  migration: SchemaMigration,
): Promise<string> {
  const key = `${BINARIES_VERSION}-${migration.environment.airflowVersion}-${fingerprint}`;
  return path.join(await realDirectory(cacheDirectory(context)), 'postgres', 'seeds', key);
}
