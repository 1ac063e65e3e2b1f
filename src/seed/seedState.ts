import { createHmac } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { RunnerSpec } from '../dagruns/runner.ts';
import { withConnection } from '../database/sql.ts';
import { hiddenTextsFile } from '../airflow/hiddenTexts.ts';
import type { DesiredItem } from './seedItem.ts';
import type { SeedMemory } from './seedMemory.ts';

/**
 * One text for all rows that a seed may touch. The Python side asks the same before it commits: as long as the
 * answer is the same, and the same is wanted, nothing has to be done, and Airflow need not be loaded to say so.
 */
export const ROWS_DIGEST = `select md5(concat_ws('/',
  (select string_agg(md5(t::text), '' order by t.id) from variable t),
  (select string_agg(md5(t::text), '' order by t.id) from connection t),
  (select string_agg(md5(t::text), '' order by t.id) from slot_pool t)))`;

/** Grows when the same items would be stored in another way. */
const STORED_AS = 1;

/** A hash of what is wanted that only who has the project's keys can try texts against. */
export function wantedHash(
  spec: RunnerSpec,
  items: readonly DesiredItem[],
  secrets: readonly string[],
): string {
  const withoutPlaces = items.map((item) => ({ ...item, place: undefined }));
  return createHmac('sha256', spec.airflowEnvironment['AIRFLOW__CORE__FERNET_KEY'] ?? '')
    .update(JSON.stringify([STORED_AS, spec.environment.airflowVersion, withoutPlaces, secrets.toSorted()]))
    .digest('hex');
}

/** Whether the database is as the last seed has left it, and that was the same seed. False where it can't be told. */
export async function isAsSeeded(spec: RunnerSpec, memory: SeedMemory, wanted: string): Promise<boolean> {
  const { socketDirectory, name } = spec.database;
  if (socketDirectory === undefined || memory.state?.wanted !== wanted) return false;
  if (!(await stat(hiddenTextsFile(spec.stateDirectory)).catch(() => undefined))) return false;
  try {
    const [row] = await withConnection(socketDirectory, name, async (query) => {
      // The long way waits, and says for what.
      await query("set lock_timeout = '500ms'");
      return query(ROWS_DIGEST);
    });
    return row?.['md5'] === memory.state.rows;
  } catch {
    // Whoever does it the long way will say what is wrong.
    return false;
  }
}
