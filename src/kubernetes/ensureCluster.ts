import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesSettings, Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { withAnnouncedLock } from '../platform/announcedLock.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { makePrivateFolder } from '../platform/privateFolder.ts';
import { connectToEngine, type Engine } from '../runtimes/docker/connectToEngine.ts';
import { endAbandonedPods } from './abandonedPods.ts';
import { writeAccessFiles } from './accessFiles.ts';
import { connectToCluster } from './api.ts';
import { bringUpCluster } from './cluster/bringUpCluster.ts';
import { nodeName } from './cluster/kindConfig.ts';
import { untilClusterReady } from './cluster/clusterReadiness.ts';
import { clusterDirectory, kubeconfigFile, settleClusterPlace, volumesDirectory } from './clusterPlace.ts';
import { clusterMark, writeClusterMark } from './clusterMark.ts';
import type { ClusterReport } from './clusterReport.ts';
import { ensureHadoopForPods } from './hadoop/hadoopForPods.ts';
import { startImages } from './images/projectImages.ts';
import { applyObjects } from './objects/applyObjects.ts';
import { assertNodes } from './objects/assertNodes.ts';
import { configMapObjects } from './objects/configMaps.ts';
import { projectObjects } from './objects/projectObjects.ts';

/**
 * Makes the project's cluster run with everything that `devenv.yaml` says of it: made new, started again or continued,
 * as it is found. An image that can't be had is a warning: most pods do without.
 *
 * @throws DevenvError `engine_not_found`, `kind_not_found`, `cluster_*`.
 */
export async function ensureCluster(
  context: Context,
  project: Project,
  settings: KubernetesSettings,
  report: ClusterReport,
): Promise<void> {
  await makePrivateFolder(clusterDirectory(project));
  const lock = path.join(clusterDirectory(project), 'cluster.lock');
  // Two at once would each see no cluster, and make it.
  await withAnnouncedLock(context, lock, "another devenv that prepares the project's cluster", async () => {
    const engine = await connectToEngine(context);
    const { name } = await settleClusterPlace(project);
    const images = startImages(context, engine, { cluster: name, settings, report });
    await prepare(context, engine, { project, settings }, report);
    await images.bring(project);
    await writeClusterMark(project, { ...clusterMark(settings), complete: true });
  });
}

async function prepare(
  context: Context,
  engine: Engine,
  { project, settings }: { readonly project: Project; readonly settings: KubernetesSettings },
  report: ClusterReport,
): Promise<void> {
  const place = await settleClusterPlace(project);
  const since = await bringUpCluster(context, engine, { place, project, settings }, report.progress);
  report.progress('waiting for the API server');
  const api = await connectToCluster(kubeconfigFile(project));
  const nodes = settings.nodes.map((_, index) => nodeName(place.name, index));
  await untilClusterReady({ api, nodes, since, signal: context.signal, onProgress: report.progress });
  report.progress('applying what pods expect');
  await makeVolumeFolders(project, settings);
  const size = await assertNodes(api, place.name, settings.nodes);
  // Our Python side reads it: what pods ask for is lowered to a share of it.
  await writeFileAtomic(
    path.join(clusterDirectory(project), 'node.json'),
    `${JSON.stringify({ version: 1, ...size })}\n`,
  );
  await applyObjects(api, projectObjects(settings, nodes));
  const hadoop = await ensureHadoopForPods(context, engine.docker, project, { nodes, settings });
  await applyObjects(api, [
    ...hadoop.objects,
    ...(await configMapObjects(settings.namespace, settings.configMaps, hadoop.configuration)),
  ]);
  await writeAccessFiles(api, project, settings, context.signal);
  await endAbandonedPods(context, project);
}

/** They must be there before a pod mounts them, and belong to who runs devenv. */
async function makeVolumeFolders(
  project: Pick<Project, 'stateDirectory'>,
  settings: KubernetesSettings,
): Promise<void> {
  for (const { claim } of settings.volumes)
    await mkdir(path.join(volumesDirectory(project), claim), { recursive: true });
}
