import { withConnection, type Query } from '../sql.ts';
import type { Action, RunKey } from './finding.ts';

/** What is done elsewhere than in the database. */
export interface Helpers {
  /** Restarts a service of the stack and waits until it is ready. */
  restartService(service: string): Promise<void>;
  migrate(): Promise<void>;
  /** Ends what a killed stack has left. */
  endLeftovers(): Promise<void>;
}

/**
 * Does one step of a plan on Postgres.
 *
 * @returns what happened, in words, when it was not what the step says.
 */
export async function act(
  place: { readonly socketDirectory: string; readonly name: string },
  action: Action,
  helpers: Helpers,
): Promise<string | undefined> {
  const ask = <T>(work: (query: Query) => Promise<T>): Promise<T> =>
    withConnection(place.socketDirectory, place.name, async (query) => {
      await query("set lock_timeout = '5s'");
      return work(query);
    });
  switch (action.kind) {
    case 'end-leftovers':
      await helpers.endLeftovers();
      return undefined;
    case 'end-session':
      return ask((query) => endSession(query, action.backend, action.connectedAt));
    case 'rollback-prepared':
      await ask((query) => query(`rollback prepared '${action.name.replaceAll("'", "''")}'`));
      return undefined;
    case 'retire-jobs':
      await ask((query) =>
        query("update job set state = 'failed', end_date = now() where id = any($1) and state = 'running'", [
          action.jobs,
        ]),
      );
      return undefined;
    case 'fail-runs':
      await ask((query) => failRuns(query, action.runs));
      return undefined;
    case 'migrate':
      await helpers.migrate();
      return undefined;
    case 'restart-service':
      await helpers.restartService(action.service);
      return undefined;
    default:
      throw new Error(`${action.kind} is not for Postgres`);
  }
}

const END_MS = 5_000;

/** Only if it is still the one that was seen: numbers of processes come again. */
async function endSession(query: Query, backend: number, connectedAt: number): Promise<string | undefined> {
  const rows = await query(
    `select pg_terminate_backend(pid, ${END_MS}) as ended from pg_stat_activity
     where pid = $1 and abs(extract(epoch from backend_start)::float8 * 1000 - $2) < 1`,
    [backend, connectedAt],
  );
  if (rows.length === 0) return 'it had ended by itself';
  return rows[0]?.['ended'] === true ? undefined : `it did not end within ${END_MS / 1000} s`;
}

/** As Airflow does it for a run that is marked failed: what ran has failed, what waited is skipped. */
async function failRuns(query: Query, runs: readonly RunKey[]): Promise<void> {
  await query('begin');
  try {
    for (const { dagId, runId } of runs) {
      const key = [dagId, runId];
      await query(
        `update task_instance set
           state = case when state in (${BEGUN}) then 'failed' else 'skipped' end,
           end_date = now()
         where dag_id = $1 and run_id = $2 and (state is null or state in (${BEGUN}, ${WAITING}))`,
        key,
      );
      await query(
        `update dag_run set state = 'failed', end_date = now()
         where dag_id = $1 and run_id = $2 and state = 'running'`,
        key,
      );
    }
    await query('commit');
  } catch (error) {
    await query('rollback');
    throw error;
  }
}

/** As `fail_run` of our Python side has them. */
const BEGUN = "'running', 'queued', 'restarting', 'deferred', 'awaiting_input', 'up_for_reschedule'";
const WAITING = "'scheduled', 'up_for_retry', 'awaiting_input'";
