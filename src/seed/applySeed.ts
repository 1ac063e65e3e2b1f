import { hiddenTextsFile } from '../airflow/hiddenTexts.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { connectToRunner, type RunConnection } from '../dagruns/runConnection.ts';
import { runnerSocket, runsDirectory, type RunnerSpec } from '../dagruns/runner.ts';
import { runInFreshInterpreter } from '../dagruns/withoutRunner.ts';
import { OWN_RUNS, withWaitsTold } from '../database/locks/watchWaits.ts';
import { DevenvError } from '../errors.ts';
import type { SeedAction, SeedChange, SeedItemReport, SeedMode } from './events.ts';
import type { DesiredItem, SeedKind } from './seedItem.ts';

/** What the Python side is asked for: `airflow_devenv/seed_request.py`. */
export interface SeedRequest {
  readonly mode: SeedMode | 'export';
  readonly atomic: boolean;
  readonly prune: boolean;
  readonly items: readonly DesiredItem[];
  /** Seeded earlier, and no longer in the files. */
  readonly gone: readonly { readonly kind: SeedKind; readonly name: string }[];
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
  /** Rows that differ stay, unless what is wanted has changed since it was stored. */
  readonly only_missing?: boolean;
  /** `SeedMemory`, of what was stored last. */
  readonly remembered: Readonly<Record<SeedKind, Readonly<Record<string, string>>>>;
  readonly secret_fields: Readonly<Record<SeedKind, Readonly<Record<string, readonly string[]>>>>;
  /** Milliseconds since the epoch. */
  readonly oldest_snapshot?: number;
  /** Databases for other minor versions of Airflow have rows of earlier seeds. */
  readonly has_other_databases?: boolean;
  /** Asked before the commit, where the database understands it; see `seedState.ts`. */
  readonly digest?: string;
}

/** What became of one item. */
export interface AppliedItem {
  readonly kind: SeedKind;
  readonly name: string;
  readonly action: Exclude<SeedAction, 'skipped'>;
  readonly changes?: readonly SeedChange[];
  /** Of what is in the database now; absent when it failed. */
  readonly hash?: string;
  readonly reason?: string;
  readonly kept?: SeedItemReport['kept'];
  readonly overwrites?: boolean;
}

/** A row of the database, as `export` tells it. */
export interface StoredItem {
  readonly kind: SeedKind;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that Airflow itself would hide. */
  readonly secret_fields: readonly string[];
  /** Of a variable: its text is a list or an object as JSON. */
  readonly is_json?: boolean;
}

export interface SeedAnswer {
  /** Of `apply` and `compare`. */
  readonly items: readonly AppliedItem[];
  /** Of `export`. */
  readonly rows: readonly StoredItem[];
  readonly digest: string | undefined;
}

type SeedEvent =
  | { readonly event: 'seed_items'; readonly items: readonly AppliedItem[] }
  | { readonly event: 'seed_state'; readonly digest: string }
  | { readonly event: 'seed_rows'; readonly rows: readonly StoredItem[] }
  | SeedError
  | { readonly event: 'exit'; readonly code: number };

interface SeedError {
  readonly event: 'error';
  readonly code: string;
  readonly what: string;
  readonly why?: string;
  /** Absent where nothing better is known than to look at the database. */
  readonly next?: readonly string[] | null;
}

/**
 * Has the warm runner do it, else a fresh interpreter. Everything travels through a socket or a pipe; nothing is
 * in a command line or an environment.
 *
 * @throws DevenvError `seed_database_failed`, `disk_full`, `database_locked` when nothing was applied.
 */
export async function applySeed(
  context: Context,
  project: Project,
  spec: RunnerSpec,
  request: SeedRequest,
): Promise<SeedAnswer> {
  return withWaitsTold(context, project, OWN_RUNS, async () =>
    answerOf(context, await connect(context, project, spec, request)),
  );
}

async function answerOf(context: Context, connection: RunConnection): Promise<SeedAnswer> {
  const abort = (): void => connection.cancel('force');
  context.signal.addEventListener('abort', abort);
  const items: AppliedItem[] = [];
  const rows: StoredItem[] = [];
  let digest: string | undefined;
  try {
    for await (const event of connection.events as unknown as AsyncIterable<SeedEvent>) {
      if (event.event === 'seed_items') items.push(...event.items);
      else if (event.event === 'seed_rows') rows.push(...event.rows);
      else if (event.event === 'seed_state') digest = event.digest;
      else if (event.event === 'error') throw seedError(event);
      else if (event.event === 'exit') return { items, rows, digest };
    }
  } finally {
    context.signal.removeEventListener('abort', abort);
    connection.close();
  }
  context.signal.throwIfAborted();
  throw databaseFailed('The process that seeds was killed.', 'The database is as it was before.');
}

async function connect(
  context: Context,
  project: Project,
  spec: RunnerSpec,
  seed: SeedRequest,
): Promise<RunConnection> {
  const request = {
    kind: 'seed',
    seed: { ...seed, secrets_file: hiddenTextsFile(spec.stateDirectory) },
    working_directory: project.root,
    environment: spec.airflowEnvironment,
    runs_directory: runsDirectory(spec.stateDirectory),
  };
  const warm = context.platform === 'linux' ? await connectToRunner(runnerSocket(spec), request) : undefined;
  return warm ?? runInFreshInterpreter(context, spec, request);
}

function seedError({ code, what, why, next }: SeedError): DevenvError {
  if (!next) return databaseFailed(what, why);
  return new DevenvError({ code, what, next, ...(why ? { why } : {}) });
}

function databaseFailed(what: string, why: string | undefined): DevenvError {
  return new DevenvError({
    code: 'seed_database_failed',
    what,
    ...(why === undefined ? {} : { why }),
    next: ['devenv doctor looks at the database', '.devenv/logs/postgres.log and runner.log have more'],
  });
}
