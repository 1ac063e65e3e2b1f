import { withConnection } from '../database/sql.ts';
import { JOB_TYPES } from './airflowServices.ts';
import type { DatabasePlace } from './readiness.ts';

/**
 * Marks what a killed process of this service has left in the table of jobs as ended. Without it Airflow waits for
 * half a minute, and for what the scheduler ran up to five, before it takes the tasks and triggers over. Only for
 * who knows that no such process lives.
 */
export async function retireJobs(place: DatabasePlace, service: string): Promise<void> {
  const type = JOB_TYPES[service];
  if (type === undefined) return;
  await withConnection(place.socketDirectory, place.name, (query) =>
    query(`update job set state = 'failed', end_date = now() where state = 'running' and job_type = $1`, [
      type,
    ]),
  );
}
