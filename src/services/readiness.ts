import { get } from 'node:http';
import { withConnection } from '../database/sql.ts';
import { JOB_TYPES } from './airflowServices.ts';

/** An API that is being started accepts connections before it answers them. */
const ANSWER_MS = 800;

export interface DatabasePlace {
  readonly socketDirectory: string;
  readonly name: string;
}

/** Heartbeats by service, milliseconds since the epoch. */
export type Heartbeats = Readonly<Partial<Record<string, number>>>;

/**
 * The last heartbeat of each service's job that began after `since`. A job that was killed still counts as
 * running in Airflow's own health for half a minute; this one does not see it.
 */
export async function heartbeatsSince(place: DatabasePlace, since: number): Promise<Heartbeats> {
  const rows = await withConnection(place.socketDirectory, place.name, (query) =>
    query(
      `select job_type, extract(epoch from max(latest_heartbeat)) * 1000 as beat from job
       where state = 'running' and start_date >= to_timestamp($1 / 1000.0) group by job_type`,
      [since],
    ),
  );
  const byType = new Map(rows.map((row) => [String(row['job_type']), Number(row['beat'])]));
  return Object.fromEntries(
    Object.entries(JOB_TYPES).flatMap(([service, type]) => {
      const beat = byType.get(type);
      return beat === undefined ? [] : [[service, beat]];
    }),
  );
}

/** Whether Airflow's API answers at this port, for its own health, which needs no permission. */
export async function apiAnswers(port: number, airflowVersion: string): Promise<boolean> {
  const path = airflowVersion.startsWith('2.') ? '/health' : '/api/v2/monitor/health';
  const text = await fetchText(port, path);
  return text?.includes('metadatabase') ?? false;
}

function fetchText(port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: ANSWER_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
