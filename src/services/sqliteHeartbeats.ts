import { JOB_TYPES } from './airflowServices.ts';

/**
 * As `JobTable.lastSince`, from a SQLite file. It is opened for reading only and for a moment.
 *
 * @param since milliseconds since the epoch.
 */
export async function sqliteHeartbeatSince(
  file: string,
  service: string,
  since: number,
): Promise<number | undefined> {
  // Part of Node, and loaded only by who has such a database.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database
      .prepare(
        `select max(latest_heartbeat) as beat from job
         where state = 'running' and job_type = ? and start_date >= ?`,
      )
      .get(JOB_TYPES[service] ?? '', sqliteTime(since));
    const beat = timeOf(String(row?.['beat']));
    return Number.isNaN(beat) ? undefined : beat;
  } finally {
    database.close();
  }
}

/** SQLAlchemy writes times as text in UTC that sorts by time: `2026-11-21 12:30:00.123456`. */
function sqliteTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '000');
}

function timeOf(text: string): number {
  return Date.parse(`${text.slice(0, 23).replace(' ', 'T')}Z`);
}
