import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { processStartTime } from '../platform/processIdentity.ts';
import { connectToCluster } from './api.ts';
import { clusterDirectory, kubeconfigFile } from './clusterPlace.ts';

interface PodRecord {
  readonly file: string;
  readonly name: string;
  readonly namespace: string;
  /** Of the run that has started the pod. */
  readonly pid: number;
  readonly startTime: string;
}

/**
 * Removes the pods of runs that were killed. Runs note theirs before they start them, see `run_pods.py`; without notes
 * it costs the reading of a folder. One whose cluster does not answer stays noted.
 *
 * @returns their names.
 */
export async function endAbandonedPods(
  { platform }: Pick<Context, 'platform'>,
  project: Pick<Project, 'stateDirectory'>,
): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const record of await readRecords(project)) {
    if ((await processStartTime(record.pid, platform)) === record.startTime) continue;
    if (!(await removePod(project, record))) continue;
    await rm(record.file, { force: true });
    ended.push(record.name);
  }
  return ended;
}

async function readRecords(project: Pick<Project, 'stateDirectory'>): Promise<readonly PodRecord[]> {
  const folder = path.join(clusterDirectory(project), 'pods');
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(names.map((each) => readRecord(path.join(folder, each))));
  return records.filter((each) => each !== undefined);
}

/** One that was being written when its process was killed names no pod that was made. */
async function readRecord(file: string): Promise<PodRecord | undefined> {
  try {
    const { version, namespace, pid, startTime }: Partial<PodRecord> & { version?: number } = JSON.parse(
      await readFile(file, 'utf8'),
    );
    if (version !== 1 || namespace === undefined || pid === undefined || startTime === undefined)
      return undefined;
    return { file, name: path.basename(file, '.json'), namespace, pid, startTime };
  } catch {
    return undefined;
  }
}

async function removePod(
  project: Pick<Project, 'stateDirectory'>,
  { name, namespace }: PodRecord,
): Promise<boolean> {
  try {
    const { core } = await connectToCluster(kubeconfigFile(project));
    await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 404;
  }
}
