import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Context } from '../context.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { createFromTemplate, currentRevision, upgrade } from './airflowDatabases.ts';
import { clusterAnswers, clusterState, realDirectory, startCluster } from './cluster.ts';
import type { Cluster } from './clusterPlace.ts';
import type { DatabaseProject } from './databaseProject.ts';
import { withDatabaseLock } from './databaseLock.ts';
import { schemaFingerprint, socketDirectoryIn, templateName } from './describeDatabase.ts';
import { inheritDatabase } from './inheritDatabase.ts';
import { clusterExists, copyCluster } from './newCluster.ts';
import { readRevisions } from './revisions.ts';
import { discardSeed, ensureSeed } from './seed.ts';
import type { DatabaseRequest } from './databaseRequest.ts';

/** @returns whether the database was made by this call. */
export async function ensurePostgres(context: Context, request: DatabaseRequest): Promise<boolean> {
  const cluster = await clusterOf(context, request.project);
  if (await isReady(context, cluster, request)) return false;
  return withDatabaseLock(context, request.project, async () => {
    const copied = await startServer(context, cluster, request);
    await inheritDatabase(context, cluster.socketDirectory, request);
    const created = await createFromTemplate(
      context,
      cluster.socketDirectory,
      { name: request.description.name, template: templateName(fingerprintOf(request)) },
      request,
    );
    await upgradeIfOlder(context, cluster, request);
    return copied || created;
  });
}

/** Only the server; what is in it may be old. */
export async function ensurePostgresServer(context: Context, request: DatabaseRequest): Promise<void> {
  const cluster = await clusterOf(context, request.project);
  if (await clusterAnswers(context, cluster)) return;
  await withDatabaseLock(context, request.project, () => startServer(context, cluster, request));
}

/** @returns whether the cluster was made by this call. */
async function startServer(context: Context, cluster: Cluster, request: DatabaseRequest): Promise<boolean> {
  const copied = (await clusterExists(cluster)) ? false : await copySeed(context, cluster, request);
  await startCluster(context, cluster);
  return copied;
}

/** The project's own Postgres server. */
export async function clusterOf(context: Context, project: DatabaseProject): Promise<Cluster> {
  return {
    dataDirectory: await realDirectory(path.join(project.stateDirectory, 'postgres', 'data')),
    socketDirectory: socketDirectoryIn(await runtimeDirectory(context, project.root)),
    logFile: path.join(project.stateDirectory, 'logs', 'postgres.log'),
    ownerLike: project.root,
  };
}

/** Without the lock: the database appears in one step, and only a whole migration gives it the revision. */
async function isReady(context: Context, cluster: Cluster, request: DatabaseRequest): Promise<boolean> {
  if ((await clusterState(context, cluster)).status !== 'ready') return false;
  try {
    const [revision, revisions] = await Promise.all([
      currentRevision(context, cluster.socketDirectory, request.description.name),
      readRevisions(request.environment),
    ]);
    return revision !== undefined && (revisions === undefined || revision === revisions.head);
  } catch {
    // Not reachable, or just being stopped: the locked way looks closer.
    return false;
  }
}

async function upgradeIfOlder(context: Context, cluster: Cluster, request: DatabaseRequest): Promise<void> {
  const { name } = request.description;
  const revisions = await readRevisions(request.environment);
  if (revisions === undefined) return;
  const revision = await currentRevision(context, cluster.socketDirectory, name);
  if (revision === revisions.head) return;
  await upgrade(context, cluster.socketDirectory, name, revision, revisions, request);
}

async function copySeed(context: Context, cluster: Cluster, request: DatabaseRequest): Promise<boolean> {
  const fingerprint = fingerprintOf(request);
  // A folder without PG_VERSION holds no cluster that Postgres could start.
  rmSync(cluster.dataDirectory, { recursive: true, force: true });
  for (const lastTry of [false, true]) {
    const seed = await ensureSeed(context, fingerprint, request.description.name, request);
    if (await copyCluster(context, seed.dataDirectory, seed.entries, cluster)) return true;
    if (!lastTry) await discardSeed(context, fingerprint, request);
  }
  throw new Error(`The copy of the database's seed for ${request.description.name} is not whole.`);
}

function fingerprintOf(request: DatabaseRequest): string {
  return schemaFingerprint(request.environment, request.airflowEnvironment);
}
