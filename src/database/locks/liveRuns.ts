import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { processStartTime } from '../../platform/processIdentity.ts';

export interface RecordedRun {
  readonly dagId: string;
  readonly runId: string;
  readonly pid: number;
}

/** DAG runs that a living process of `devenv run-dag` executes on this database. */
export async function liveRuns(directory: string, database: string): Promise<readonly RecordedRun[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json'));
  const found = await Promise.all(names.map((name) => readRun(path.join(directory, name), database)));
  return found.filter((each) => each !== undefined);
}

async function readRun(file: string, database: string): Promise<RecordedRun | undefined> {
  try {
    // The run stands in the first line; lines below say how far it is.
    const [first = ''] = (await readFile(file, 'utf8')).split('\n', 1);
    const read = JSON.parse(first) as Record<string, unknown>;
    const [dagId, runId, pid] = [String(read['dag_id']), String(read['run_id']), Number(read['pid'])];
    // In the record of a SQLite run stands the file's name.
    if (![database, `${database}.db`].includes(String(read['database']))) return undefined;
    const started = await processStartTime(pid);
    // Python writes it without the boot that ours has in front.
    const isAlive = started?.split(' ').at(-1) === String(read['start_time']);
    return isAlive ? { dagId, runId, pid } : undefined;
  } catch {
    return undefined;
  }
}
