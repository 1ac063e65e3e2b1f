import type { KubernetesSettings, Project } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { hdfsSocketFolder } from '../../hdfs/daemon/hdfsSocket.ts';
import type { Engine } from '../../runtimes/docker/connectToEngine.ts';
import { kubeconfigFile, volumesDirectory, type ClusterPlace } from '../clusterPlace.ts';
import { clusterMark, readClusterMark, writeClusterMark } from '../clusterMark.ts';
import { createCluster, type ClusterCreation } from './createCluster.ts';
import { deleteCluster } from './deleteCluster.ts';
import { nodeContainers, type NodeContainer } from './nodeContainers.ts';
import { planCluster, type ClusterStep } from './planCluster.ts';

export interface ClusterRequest {
  readonly place: ClusterPlace;
  readonly project: Pick<Project, 'stateDirectory'>;
  readonly settings: KubernetesSettings;
}

/**
 * Makes the nodes run.
 *
 * @returns milliseconds since the epoch; heartbeats of before say nothing.
 */
export async function bringUpCluster(
  context: Context,
  engine: Engine,
  request: ClusterRequest,
  onProgress: (detail: string) => void,
): Promise<number> {
  const { place, project, settings } = request;
  const nodes = await nodeContainers(engine.docker, place.name);
  const steps = planCluster({
    nodes,
    wanted: clusterMark(settings),
    made: await readClusterMark(project),
  });
  for (const step of steps) {
    onProgress(step.text);
    await perform(context, engine, request, { step, nodes, onProgress });
  }
  const running = await nodeContainers(engine.docker, place.name);
  const isContinued = steps.every(({ kind }) => kind === 'resume');
  return isContinued ? 0 : Math.min(...running.map((node) => node.startedAt));
}

const ATTEMPTS = 3;

/** Kind gives a node 30 s to begin, which a busy machine may exceed. What is read from the disk then is read once. */
async function createPatiently(
  context: Context,
  engine: Engine,
  creation: ClusterCreation,
  onProgress: (detail: string) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createCluster(context, engine, creation, onProgress);
    } catch (error) {
      const isSlow = error instanceof DevenvError && error.code === 'cluster_node_slow';
      if (!isSlow || attempt === ATTEMPTS) throw error;
      onProgress('a node took too long to begin; making the cluster once more');
      await deleteCluster(engine.docker, creation.place.name);
    }
  }
}

interface Performance {
  readonly step: ClusterStep;
  readonly nodes: readonly NodeContainer[];
  readonly onProgress: (detail: string) => void;
}

async function perform(
  context: Context,
  engine: Engine,
  { place, project, settings }: ClusterRequest,
  { step, nodes, onProgress }: Performance,
): Promise<void> {
  switch (step.kind) {
    case 'delete':
      await deleteCluster(engine.docker, place.name);
      return;
    case 'create': {
      // A creation that is killed leaves a cluster that is never finished: the next one begins again.
      await writeClusterMark(project, { ...clusterMark(settings), complete: false });
      const folders = {
        volumes: volumesDirectory(project),
        hdfs: hdfsSocketFolder(project.stateDirectory),
      };
      const files = { kubeconfig: kubeconfigFile(project), folders };
      return createPatiently(context, engine, { place, settings, files }, onProgress);
    }
    case 'start':
      for (const node of nodes)
        if (node.state === 'stopped') await engine.docker.getContainer(node.id).start();
      return;
    case 'resume':
      for (const node of nodes)
        if (node.state === 'paused') await engine.docker.getContainer(node.id).unpause();
      return;
    default:
      return step.kind satisfies never;
  }
}
