import { rename } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { stopCluster } from './cluster.ts';
import { ensureDatabaseServer } from './database.ts';
import { withDatabaseLock } from './databaseLock.ts';
import { clusterOf } from './postgres.ts';
import type { DatabaseRequest } from './databaseRequest.ts';
import { isDamage, withConnection } from './sql.ts';

/**
 * Whether the project's Postgres server can't be used any more: it does not start on its files, or lets nobody in.
 * Starts it where it can.
 */
export async function serverIsDamaged(context: Context, request: DatabaseRequest): Promise<boolean> {
  const { project, environment, airflowEnvironment, description } = request;
  if (description.kind === 'sqlite') return false;
  try {
    await ensureDatabaseServer(context, project, environment, { airflowEnvironment });
    await withConnection(description.socketDirectory ?? '', 'postgres', (query) => query('select 1'));
    return false;
  } catch (error) {
    const isBroken = error instanceof DevenvError && error.code === 'postgres_not_starting';
    if (isBroken || isDamage(error)) return true;
    throw error;
  }
}

/**
 * Moves the files of a damaged server aside: the next command that needs a database makes one.
 *
 * @returns where they are kept.
 */
export async function setClusterAside(context: Context, request: DatabaseRequest): Promise<string> {
  const cluster = await clusterOf(context, request.project);
  return withDatabaseLock(context, request.project, async () => {
    await stopCluster(context, cluster);
    const time = new Date(context.now()).toISOString().replaceAll(/[:.]/g, '');
    const kept = `${cluster.dataDirectory}.damaged-${time}`;
    await rename(cluster.dataDirectory, kept);
    return kept;
  });
}
