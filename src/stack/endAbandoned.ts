import type { Context } from '../context.ts';
import { endDatabaseAtOnce } from '../database/database.ts';
import { endHdfsServer } from '../hdfs/daemon/ensureHdfs.ts';
import type { Project } from '../config/project.ts';
import { endLeader, signalGroup } from '../platform/processGroup.ts';
import { AIRFLOW_SERVICES } from '../services/airflowServices.ts';
import { removeRemains } from './folderPresence.ts';
import type { StackEngine } from './stackEngine.ts';

const PRELOAD_GRACE_MS = 3_000;

/**
 * Ends everything of a stack whose project is gone: at once, since there is nothing to be saved, and without a word
 * to any file, since that would make the project's folder again. The engine is closed already.
 */
export async function endAbandoned(
  context: Context,
  project: Project,
  engine: Pick<StackEngine, 'state'>,
): Promise<void> {
  const pidOf = (service: string): number | undefined => engine.state(service).pid;
  for (const service of AIRFLOW_SERVICES) {
    const pid = pidOf(service);
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
  }
  const preload = pidOf('preload');
  const unhurried = { ...context, signal: new AbortController().signal };
  await Promise.allSettled([
    preload === undefined ? undefined : endLeader(preload, PRELOAD_GRACE_MS),
    endHdfsServer(project.stateDirectory, context.platform),
    endDatabaseAtOnce(unhurried, project),
    project.kubernetes === undefined ? undefined : removeCluster(unhurried, project.root),
  ]);
  await removeRemains(project.root, project.stateDirectory);
}

async function removeCluster(context: Context, root: string): Promise<void> {
  const { removeAbandonedCluster } = await import('../kubernetes/stopCluster.ts');
  await removeAbandonedCluster(context, root);
}
