import { stat } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { currentRevision } from './airflowDatabases.ts';
import { clusterState } from './cluster.ts';
import { ownerOf } from './locks/observation.ts';
import { clusterOf } from './postgres.ts';
import type { DatabaseRequest } from './databaseRequest.ts';
import { readRevisions, type Revisions } from './revisions.ts';
import { databaseExists, databaseSize, databasesNamed } from './snapshots/postgresCopies.ts';
import { isDamage, withConnection } from './sql.ts';
import { sqliteFile } from './sqlite.ts';
import { sqliteFacts } from './sqliteTool.ts';

/**
 * current: as the installed Airflow wants it. older: the next command migrates it. newer: migrated by an Airflow that
 * the installed one does not know. unfinished: tables without a revision. damaged: beyond reading.
 */
export type SchemaStatus = 'current' | 'older' | 'newer' | 'unfinished' | 'missing' | 'unknown' | 'damaged';

export interface DatabaseStatus {
  readonly kind: 'postgres' | 'sqlite';
  readonly name: string;
  /** The socket's folder, or the file. */
  readonly place: string;
  /** Postgres only; undefined when it does not run. */
  readonly serverPid?: number;
  readonly schema: SchemaStatus;
  readonly revision?: string;
  readonly head?: string;
  readonly sizeBytes?: number;
  readonly connections: readonly ConnectionCount[];
  /** Databases of the project for other minor versions, and copies from before a migration. */
  readonly others: readonly string[];
}

export interface ConnectionCount {
  readonly owner: string;
  readonly isOurs: boolean;
  readonly state: string;
  readonly count: number;
}

/** What there is; starts nothing. */
export async function databaseStatus(context: Context, request: DatabaseRequest): Promise<DatabaseStatus> {
  const revisions = await readRevisions(request.environment);
  const head = revisions === undefined ? {} : { head: revisions.head };
  return request.description.kind === 'sqlite'
    ? sqliteStatus(context, request, revisions, head)
    : postgresStatus(context, request, revisions, head);
}

type Head = { readonly head?: string };

async function postgresStatus(
  context: Context,
  request: DatabaseRequest,
  revisions: Revisions | undefined,
  head: Head,
): Promise<DatabaseStatus> {
  const { name, socketDirectory = '' } = request.description;
  const empty = {
    kind: 'postgres',
    name,
    place: socketDirectory,
    connections: [],
    others: [],
    ...head,
  } as const;
  const state = await clusterState(context, await clusterOf(context, request.project));
  if (state.status !== 'ready') return { ...empty, schema: 'unknown' };
  const running = { ...empty, serverPid: state.pid };
  return withConnection(socketDirectory, 'postgres', async (query) => {
    const others = (await databasesNamed(query, 'airflow_')).filter(
      (each) => each !== name && !each.startsWith('airflow_template_'),
    );
    if (!(await databaseExists(query, name))) return { ...running, others, schema: 'missing' };
    const connections = await query(
      `select application_name as name, coalesce(state, '') as state, count(*)::int as count from pg_stat_activity
       where datname = $1 and backend_type = 'client backend' group by 1, 2 order by 1, 2`,
      [name],
    );
    const damaged = { ...running, others, schema: 'damaged' } as const;
    const read = await currentRevision(context, socketDirectory, name).then(
      (revision) => ({ revision }),
      unlessDamaged,
    );
    if (read === undefined) return damaged;
    const { revision } = read;
    return {
      ...running,
      others,
      ...(revision === undefined ? {} : { revision }),
      schema: schemaStatus(revision, revisions),
      sizeBytes: await databaseSize(query, name),
      connections: connections.map((row) => {
        const owner = ownerOf({ applicationName: String(row['name']) });
        return {
          owner: owner.name,
          isOurs: owner.isOurs,
          state: String(row['state']),
          count: Number(row['count']),
        };
      }),
    };
  });
}

async function sqliteStatus(
  context: Context,
  request: DatabaseRequest,
  revisions: Revisions | undefined,
  head: Head,
): Promise<DatabaseStatus> {
  const file = sqliteFile(request);
  const { name } = request.description;
  const empty = { kind: 'sqlite', name, place: file, connections: [], others: [], ...head } as const;
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return { ...empty, schema: 'missing' };
  const facts = await sqliteFacts(context, request.environment.python, file).catch(unlessDamaged);
  if (facts === undefined) return { ...empty, schema: 'damaged', sizeBytes: found.size };
  const { revision } = facts;
  return {
    ...empty,
    ...(revision === undefined ? {} : { revision }),
    schema: schemaStatus(revision, revisions),
    sizeBytes: found.size,
  };
}

function unlessDamaged(error: unknown): undefined {
  if (isDamage(error)) return undefined;
  if (error instanceof DevenvError && error.code === 'sqlite_unreadable') return undefined;
  throw error;
}

/** Pure. */
function schemaStatus(revision: string | undefined, revisions: Revisions | undefined): SchemaStatus {
  if (revision === undefined) return 'unfinished';
  if (revisions === undefined) return 'unknown';
  if (revision === revisions.head) return 'current';
  return revisions.known.has(revision) ? 'older' : 'newer';
}
