import { readFile } from 'node:fs/promises';
import { DevenvError } from '../errors.ts';
import { listRuns, logFile, runFolder, type SparkRun } from './runRecords.ts';

/**
 * The run with this id, or the one whose id ends so; without one, the last.
 *
 * @throws DevenvError `spark_run_unknown` (misuse).
 */
export async function findRun(stateDirectory: string, id: string | undefined): Promise<SparkRun> {
  const runs = await listRuns(stateDirectory);
  const found =
    id === undefined
      ? runs[0]
      : (runs.find((each) => each.id === id) ?? runs.find((each) => each.id.endsWith(id)));
  if (found !== undefined) return found;
  throw new DevenvError({
    code: 'spark_run_unknown',
    what:
      id === undefined
        ? 'No Spark job has run in this project.'
        : `There is no Spark job ${id} in this project.`,
    next: ['devenv spark list shows those that are kept'],
    misuse: true,
  });
}

/** What the driver has printed so far. */
export async function readLog(stateDirectory: string, id: string): Promise<string> {
  return readFile(logFile(runFolder(stateDirectory, id)), 'utf8').catch(() => '');
}
