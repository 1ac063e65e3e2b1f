import { readdir, stat } from 'node:fs/promises';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { findProcess } from '../../platform/processTable.ts';
import type { DatabaseRequest } from '../databaseRequest.ts';
import { readRevisions } from '../revisions.ts';
import { sqliteFile } from '../sqlite.ts';
import { sqliteFacts, type SqliteFacts } from '../sqliteTool.ts';
import { hasOpen } from './sqliteLockHolders.ts';
import type { Observation, SqliteFileState, Surroundings } from './observation.ts';

/**
 * Looks at a SQLite file, what lies beside it, and who has it open. A file with a journal that nobody has open is not
 * read: that alone would undo what a killed writer has left, unasked.
 */
export async function observeSqlite(
  context: Context,
  request: DatabaseRequest,
  surroundings: Surroundings,
): Promise<Observation> {
  const file = sqliteFile(request);
  const revisions = await readRevisions(request.environment);
  const [journalBytes, walBytes] = await Promise.all([sizeOf(`${file}-journal`), sizeOf(`${file}-wal`)]);
  const holders = await holdersOf(context, file, surroundings);
  const isHot = journalBytes > 0 && holders.length === 0;
  const seen = isHot ? undefined : await look(context, request.environment.python, file);
  const facts = seen !== undefined && 'rows' in seen ? seen : undefined;
  const tables = Object.keys(facts?.rows ?? {});
  const revision = facts?.revision;
  return {
    now: context.now(),
    kind: 'sqlite',
    database: request.description.name,
    sessions: [],
    prepared: [],
    schema: {
      revisions: revision === undefined ? undefined : [revision],
      tables: tables.length,
      head: revisions?.head,
      isKnown: revision === undefined || revisions === undefined || revisions.known.has(revision),
      leftovers: tables.filter((each) => each.startsWith('_alembic_tmp_')),
    },
    rows: facts?.airflow,
    surroundings,
    file: {
      path: file,
      writable: isHot || (facts?.writable ?? false),
      journalBytes,
      walBytes,
      holders,
      ...(seen !== undefined && 'why' in seen ? { unreadable: seen.why } : {}),
    },
  };
}

async function look(
  context: Context,
  python: string,
  file: string,
): Promise<SqliteFacts | { readonly why: string } | { readonly locked: true }> {
  try {
    return await sqliteFacts(context, python, file);
  } catch (error) {
    if (!(error instanceof DevenvError)) throw error;
    if (error.code === 'sqlite_locked') return { locked: true };
    if (error.code === 'sqlite_unreadable') return { why: error.why ?? '' };
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** Processes of this user that have the file, its journal or its log open. Linux tells it; elsewhere nobody is found. */
async function holdersOf(
  context: Context,
  file: string,
  surroundings: Surroundings,
): Promise<SqliteFileState['holders']> {
  if (context.platform !== 'linux') return [];
  const files = new Set([file, `${file}-journal`, `${file}-wal`, `${file}-shm`]);
  const services = new Map(
    Object.entries(surroundings.services).flatMap(([name, pid]) => (pid === undefined ? [] : [[pid, name]])),
  );
  const runs = new Set(surroundings.liveRuns.map(({ pid }) => pid));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid || !(await hasOpen(pid, files))) return undefined;
      const command = (await findProcess(pid, context.platform))?.command.join(' ') ?? '';
      const component = services.get(pid) ?? (runs.has(pid) ? 'devenv run-dag' : undefined);
      const own = component ?? (command.includes('airflow_devenv') ? 'devenv' : undefined);
      return { pid, command, ...(own === undefined ? {} : { component: own }) };
    }),
  );
  return found.filter((each) => each !== undefined);
}
