import { JOB_TYPES } from './airflowServices.ts';
import type { Heartbeats } from './readiness.ts';

/**
 * As `heartbeatsSince`, from a SQLite file. It is opened for reading only and for a moment.
 *
 * @param since milliseconds since the epoch.
 */
export async function sqliteHeartbeatsSince(file: string, since: number): Promise<Heartbeats> {
  // Part of Node, and loaded only by who has such a database.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database
      .prepare(
        `select job_type, max(latest_heartbeat) as beat from job
         where state = 'running' and start_date >= ? group by job_type`,
      )
      .all(sqliteTime(since));
    const byType = new Map(rows.map((row) => [String(row['job_type']), timeOf(String(row['beat']))]));
    return Object.fromEntries(
      Object.entries(JOB_TYPES).flatMap(([service, type]) => {
        const beat = byType.get(type);
        return beat === undefined || Number.isNaN(beat) ? [] : [[service, beat]];
      }),
    );
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
