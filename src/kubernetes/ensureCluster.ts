import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesSettings, Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';
import { connectToEngine, type Engine } from '../runtimes/docker/connectToEngine.ts';
import { writeAccessFiles } from './accessFiles.ts';
import { connectToCluster } from './api.ts';
import { createCluster } from './cluster/createCluster.ts';
import { deleteCluster } from './cluster/deleteCluster.ts';
import { nodeName } from './cluster/kindConfig.ts';
import { nodeContainers, type NodeContainer } from './cluster/nodeContainers.ts';
import { planCluster, type ClusterStep } from './cluster/planCluster.ts';
import { untilClusterReady } from './cluster/clusterReadiness.ts';
import {
  clusterDirectory,
  kubeconfigFile,
  settleClusterPlace,
  volumesDirectory,
  type ClusterPlace,
} from './clusterPlace.ts';
import { clusterMark, readClusterMark, writeClusterMark } from './clusterMark.ts';
import { applyObjects } from './objects/applyObjects.ts';
import { assertNodes } from './objects/assertNodes.ts';
import { projectObjects } from './objects/projectObjects.ts';

/**
 * Makes the project's cluster run with everything that `devenv.yaml` says of it: made new, started again or continued,
 * as it is found.
 *
 * @throws DevenvError `engine_not_found`, `kind_not_found`, `cluster_*`.
 */
export async function ensureCluster(
  context: Context,
  project: Project,
  settings: KubernetesSettings,
  onProgress: (detail: string) => void,
): Promise<void> {
  await makePrivateFolder(clusterDirectory(project));
  const lock = path.join(clusterDirectory(project), 'cluster.lock');
  // Two at once would each see no cluster, and make it.
  await withAnnouncedLock(context, lock, "another devenv that prepares the project's cluster", async () => {
    const place = await settleClusterPlace(project);
    const engine = await connectToEngine(context);
    const since = await bringUp(context, engine, { place, project, settings }, onProgress);
    onProgress('waiting for the API server');
    const api = await connectToCluster(kubeconfigFile(project));
    const nodes = settings.nodes.map((_, index) => nodeName(place.name, index));
    await untilClusterReady({ api, nodes, since, signal: context.signal, onProgress });
    onProgress('applying what pods expect');
    await makeVolumeFolders(project, settings);
    await assertNodes(api, place.name, settings.nodes);
    await applyObjects(api, projectObjects(settings, nodes));
    await writeAccessFiles(api, project, settings, context.signal);
    await writeClusterMark(project, { ...clusterMark(settings), complete: true });
  });
}

interface ClusterRequest {
  readonly place: ClusterPlace;
  readonly project: Project;
  readonly settings: KubernetesSettings;
}

/** @returns milliseconds since the epoch; heartbeats of before say nothing. */
async function bringUp(
  context: Context,
  engine: Engine,
  { place, project, settings }: ClusterRequest,
  onProgress: (detail: string) => void,
): Promise<number> {
  const nodes = await nodeContainers(engine.docker, place.name);
  const steps = planCluster({
    nodes,
    wanted: clusterMark(settings),
    made: await readClusterMark(project),
  });
  for (const step of steps) {
    onProgress(step.text);
    await perform(context, engine, { place, project, settings }, { step, nodes, onProgress });
  }
  const running = await nodeContainers(engine.docker, place.name);
  const isContinued = steps.every(({ kind }) => kind === 'resume');
  return isContinued ? 0 : Math.min(...running.map((node) => node.startedAt));
}

async function perform(
  context: Context,
  engine: Engine,
  { place, project, settings }: ClusterRequest,
  {
    step,
    nodes,
    onProgress,
  }: {
    readonly step: ClusterStep;
    readonly nodes: readonly NodeContainer[];
    readonly onProgress: (detail: string) => void;
  },
): Promise<void> {
  switch (step.kind) {
    case 'delete':
      await deleteCluster(engine.docker, place.name);
      return;
    case 'create': {
      // A creation that is killed leaves a cluster that is never finished: the next one begins again.
      await writeClusterMark(project, { ...clusterMark(settings), complete: false });
      const files = { kubeconfig: kubeconfigFile(project), volumes: volumesDirectory(project) };
      return createCluster(context, engine, { place, settings, files }, onProgress);
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

/** They must be there before a pod mounts them, and belong to who runs devenv. */
async function makeVolumeFolders(
  project: Pick<Project, 'stateDirectory'>,
  settings: KubernetesSettings,
): Promise<void> {
  for (const { claim } of settings.volumes)
    await mkdir(path.join(volumesDirectory(project), claim), { recursive: true });
}
