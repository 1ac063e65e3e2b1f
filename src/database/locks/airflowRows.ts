import type { Query } from '../sql.ts';
import type { AirflowRows } from './observation.ts';

/** More rows than these say nothing that these don't. */
const MOST = 2_000;

/** Columns that only one line of Airflow has are read by name from the row as JSON. */
export async function readAirflowRows(query: Query): Promise<AirflowRows> {
  return { jobs: await readJobs(query), tasks: await readTasks(query), runs: await readRuns(query) };
}

async function readJobs(query: Query): Promise<AirflowRows['jobs']> {
  const rows = await query(
    `select id, coalesce(job_type, '') as type, coalesce(extract(epoch from latest_heartbeat)::float8 * 1000, 0) as heartbeat
     from job where state = 'running' order by id limit ${MOST}`,
  );
  return rows.map((row) => ({
    id: Number(row['id']),
    type: String(row['type']),
    heartbeat: Number(row['heartbeat']),
  }));
}

async function readTasks(query: Query): Promise<AirflowRows['tasks']> {
  const rows = await query(
    `select t.dag_id, t.run_id, t.task_id, t.map_index, t.state, t.queued_by_job_id as job, j.state as job_state,
       coalesce(extract(epoch from greatest(
         t.start_date, t.queued_dttm, (to_jsonb(t) ->> 'last_heartbeat_at')::timestamptz, own.latest_heartbeat
       ))::float8 * 1000, 0) as last_sign
     from task_instance t
       left join job j on j.id = t.queued_by_job_id
       left join job own on own.id = (to_jsonb(t) ->> 'job_id')::int and own.state = 'running'
     where t.state in ('running', 'queued', 'restarting') order by 1, 2, 3, 4 limit ${MOST}`,
  );
  return rows.map((row) => ({
    dagId: String(row['dag_id']),
    runId: String(row['run_id']),
    taskId: String(row['task_id']),
    mapIndex: Number(row['map_index']),
    state: String(row['state']),
    job: row['job'] === null ? undefined : Number(row['job']),
    jobState: (row['job_state'] as string | null) ?? undefined,
    lastSign: Number(row['last_sign']),
  }));
}

async function readRuns(query: Query): Promise<AirflowRows['runs']> {
  // A test run says so on Airflow 3 by how it was triggered; on Airflow 2 ours have a mark (lines/test_runs2.py).
  const rows = await query(
    `select r.dag_id, r.run_id,
       r.clear_number = 0 and (
         lower(coalesce(to_jsonb(r) ->> 'triggered_by', '')) = 'test' or r.creating_job_id = -1) as is_test,
       coalesce(extract(epoch from coalesce(r.start_date, r.queued_at))::float8 * 1000, 0) as started_at,
       d.max_active_runs,
       (select count(*) from dag_run o where o.dag_id = r.dag_id and o.state = 'running')::int as running,
       (select count(*) from dag_run o where o.dag_id = r.dag_id and o.state = 'queued')::int as queued
     from dag_run r left join dag d on d.dag_id = r.dag_id
     where r.state = 'running' order by 1, 2 limit ${MOST}`,
  );
  return rows.map((row) => ({
    dagId: String(row['dag_id']),
    runId: String(row['run_id']),
    isTest: row['is_test'] === true,
    startedAt: Number(row['started_at']),
    maxActiveRuns: row['max_active_runs'] === null ? undefined : Number(row['max_active_runs']),
    runningOfDag: Number(row['running']),
    queuedOfDag: Number(row['queued']),
  }));
}
