import type { Context } from '../../context.ts';
import { clusterState } from '../cluster.ts';
import type { DatabaseProject } from '../databaseProject.ts';
import { describeDatabase, type DatabaseDescription } from '../describeDatabase.ts';
import { clusterOf } from '../postgres.ts';
import { withConnection } from '../sql.ts';
import { runtimeDirectory } from '../../platform/paths.ts';
import { type ProcessTree, readProcessTree } from '../../platform/processTree.ts';
import { describeWait, mayBelongTo, migrationWait, waitsOf } from './databaseWait.ts';
import { readSessions } from './readSessions.ts';
import { describeSqliteWait, findSqliteWait } from './sqliteWait.ts';

export interface WaitWatch {
  /** What is waited for as of the last look, in words; undefined when nothing is. */
  readonly waitsFor: string | undefined;
  /** Something has happened: nothing is looked at before it is quiet again for some seconds. */
  alive(): void;
  /** From now on looks at short intervals, whatever happens. */
  hurry(): void;
  stop(): void;
}

export interface WaitWatchOptions {
  /** Whose waits: by `application_name`. */
  readonly who: RegExp;
  /**
   * Processes that work for the command. SQLite: their locks are no news. Postgres: what others wait for is none either.
   */
  readonly ownProcesses?: () => readonly number[];
}

type Watched = Pick<DatabaseProject, 'root' | 'stateDirectory' | 'database'> & {
  readonly airflow: { readonly version: string };
};

/** With what a wait has lasted before, a person reads of it within 5 s. */
const [QUIET_MS, LOOK_MS, HURRY_MS] = [2_500, 1_500, 400];

/**
 * Looks from this side whether what a command has begun waits for a lock in the project's database, and tells each
 * holder once. Costs nothing before the command has been quiet for some seconds; then a connection and two queries at each look.
 */
export function watchWaits(commandContext: Context, project: Watched, options: WaitWatchOptions): WaitWatch {
  // An interrupted command looks on: whether it has to be killed depends on what is found.
  const ended = new AbortController();
  const context = { ...commandContext, signal: ended.signal };
  const told = new Set<string>();
  let stopped = false;
  let hurried = false;
  let waitsFor: string | undefined;
  let quietSince = performance.now();
  let timer: NodeJS.Timeout | undefined;
  function next(milliseconds: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void look(), milliseconds).unref();
  }
  async function look(): Promise<void> {
    const rest = quietSince + QUIET_MS - performance.now();
    if (rest > 0 && !hurried) return next(rest);
    const found = await findWait(context, project, options).catch(() => undefined);
    if (stopped) return;
    waitsFor = found?.text;
    if (found !== undefined && !told.has(found.key)) {
      told.add(found.key);
      context.emit({ type: 'message', level: 'warning', code: 'waits_for_database', text: found.text });
    }
    next(hurried ? HURRY_MS : LOOK_MS);
  }
  next(QUIET_MS);
  return {
    get waitsFor() {
      return waitsFor;
    },
    alive() {
      quietSince = performance.now();
      waitsFor = undefined;
    },
    hurry() {
      hurried = true;
      next(0);
    },
    stop() {
      stopped = true;
      ended.abort();
      clearTimeout(timer);
    },
  };
}

/** Does work of a command, and says in its progress what in the database it waits for. */
export async function withWaitsTold<T>(
  context: Context,
  project: Watched,
  who: RegExp,
  work: (watch: WaitWatch) => Promise<T>,
): Promise<T> {
  const watch = watchWaits(context, project, { who });
  try {
    return await work(watch);
  } finally {
    watch.stop();
  }
}

/** Whose waits hold a command up, by `application_name`. */
export const OWN_WORK = /^airflow-devenv-(?:cli|migrate)$/;
export const OWN_RUNS = /^airflow-devenv run-dag$/;
/** All that devenv starts or asks itself; not what a person runs in `devenv shell`. */
export const OURS = /^airflow-devenv[ -]/;

interface Found {
  /** Equal for the same holder. */
  readonly key: string;
  readonly text: string;
}

async function findWait(
  context: Context,
  project: Watched,
  options: WaitWatchOptions,
): Promise<Found | undefined> {
  const environment = { airflowVersion: project.airflow.version };
  const runtime = await runtimeDirectory(context, project.root);
  const description = describeDatabase(project, environment, runtime);
  const own = options.ownProcesses?.() ?? [];
  if (description.kind === 'sqlite') {
    const file = description.url.slice('sqlite:///'.length);
    const wait = await findSqliteWait(context, file, own);
    return wait === undefined ? undefined : { key: `process ${wait.pid}`, text: describeSqliteWait(wait) };
  }
  return findPostgresWait(context, project, description, { who: options.who, own });
}

async function findPostgresWait(
  context: Context,
  project: Watched,
  { name, socketDirectory = '' }: DatabaseDescription,
  { who, own }: { readonly who: RegExp; readonly own: readonly number[] },
): Promise<Found | undefined> {
  try {
    const sessions = await withConnection(
      socketDirectory,
      name,
      async (query) => {
        await query("set statement_timeout = '2s'");
        return readSessions(context, query);
      },
      { connectTimeoutMs: ANSWER_MS },
    );
    const now = context.now();
    const tree: ProcessTree = own.length === 0 ? new Map() : await readProcessTree(context.platform);
    const wait = waitsOf(sessions, who, now, mayBelongTo(own, tree))[0] ?? migrationWait(sessions, who, now);
    if (wait === undefined) return undefined;
    return { key: `backend ${wait.holder.backend}`, text: describeWait(wait, now) };
  } catch (error) {
    const isSilent = error instanceof Error && /timeout/i.test(error.message);
    return isSilent ? findSilentServer(context, project) : undefined;
  }
}

const ANSWER_MS = 2_000;

/** The server takes no connection: it was stopped by a signal, or the machine is at its limits. */
async function findSilentServer(context: Context, project: Watched): Promise<Found | undefined> {
  const state = await clusterState(context, await clusterOf(context, project));
  if (state.status === 'down') return undefined;
  const text =
    `Waiting for Postgres (process ${state.pid}, ${state.status}): it does not answer. ` +
    `Where a signal has stopped it, kill -CONT ${state.pid} lets it go on; devenv down stops it.`;
  return { key: `server ${state.pid}`, text };
}
