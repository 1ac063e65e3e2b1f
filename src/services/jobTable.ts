import { openConnection, type Connection } from '../database/sql.ts';
import { JOB_TYPES } from './airflowServices.ts';

export interface DatabasePlace {
  readonly socketDirectory: string;
  readonly name: string;
}

/** Milliseconds since the epoch. */
interface Job {
  readonly type: string;
  readonly startedAt: number;
  readonly beatAt: number;
}

/** Several services ask at about the same time; one answer is good for all of them. */
const FRESH_MS = 12;
/** A connection that nobody has needed for so long is closed: an open one is in the way of copying the database. */
const IDLE_MS = 1_500;

/**
 * Airflow's table of jobs, with their heartbeats. Airflow's own health counts a job that was killed for another half a
 * minute; here only jobs count that began after a given moment.
 */
export class JobTable {
  readonly #place: DatabasePlace;
  #connection: Promise<Connection> | undefined;
  #closing: NodeJS.Timeout | undefined;
  #latest: { readonly jobs: Promise<readonly Job[]>; readonly at: number } | undefined;

  constructor(place: DatabasePlace) {
    this.#place = place;
  }

  /**
   * The last heartbeat of the service's job that began at `since` or later; both milliseconds since the epoch.
   *
   * @throws the driver's error.
   */
  async lastSince(service: string, since: number): Promise<number | undefined> {
    const type = JOB_TYPES[service];
    const beats = (await this.#jobs())
      .filter((job) => job.type === type && job.startedAt >= since)
      .map((job) => job.beatAt);
    return beats.length === 0 ? undefined : Math.max(...beats);
  }

  async #jobs(): Promise<readonly Job[]> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#latest.at > FRESH_MS) {
      this.#latest = { jobs: this.#ask(), at: now };
    }
    return this.#latest.jobs;
  }

  /**
   * Marks what a killed process of this service has left as ended. Without it Airflow waits for half a minute, and
   * for what the scheduler ran up to five, before it takes the tasks and triggers over. Only for who knows that no
   * such process lives.
   *
   * @throws the driver's error.
   */
  async retire(service: string): Promise<void> {
    const type = JOB_TYPES[service];
    if (type === undefined) return;
    await this.#query(
      `update job set state = 'failed', end_date = now() where state = 'running' and job_type = $1`,
      [type],
    );
  }

  async #ask(): Promise<readonly Job[]> {
    const rows = await this.#query(
      `select job_type, extract(epoch from start_date) * 1000 as started,
         extract(epoch from latest_heartbeat) * 1000 as beat from job where state = 'running'`,
    );
    return rows.map((row) => ({
      type: String(row['job_type']),
      startedAt: Number(row['started']),
      beatAt: Number(row['beat']),
    }));
  }

  async #query(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    clearTimeout(this.#closing);
    this.#connection ??= openConnection(this.#place.socketDirectory, this.#place.name);
    try {
      const { query } = await this.#connection;
      return await query(text, values);
    } catch (error) {
      await this.#close();
      throw error;
    } finally {
      clearTimeout(this.#closing);
      this.#closing = setTimeout(() => void this.#close(), IDLE_MS).unref();
    }
  }

  async #close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection?.catch(() => undefined))?.close();
  }
}
