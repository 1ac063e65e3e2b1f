import type Docker from 'dockerode';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { connectToEngine } from '../runtimes/docker/connectToEngine.ts';
import { deleteCluster } from './cluster/deleteCluster.ts';
import { nodeContainers } from './cluster/nodeContainers.ts';
import { forgetClusterMark } from './clusterMark.ts';
import { clusterName, forgetClusterPlace, rememberedClusterPlace } from './clusterPlace.ts';

/** Of a node: systemd in it has ended its services by then. */
const STOP_SECONDS = 10;

/**
 * Stops the project's cluster; what is in it is there again after the next start.
 *
 * @returns false when it did not run.
 */
export async function stopCluster(
  context: Context,
  project: Pick<Project, 'stateDirectory'>,
): Promise<boolean> {
  const place = await rememberedClusterPlace(project);
  if (place === undefined) return false;
  const docker = await engineOf(context);
  // Without an engine no node can run.
  if (docker === undefined) return false;
  const nodes = (await nodeContainers(docker, place.name)).filter(({ state }) => state !== 'stopped');
  await Promise.all(
    nodes.map(async ({ id, state }) => {
      const container = docker.getContainer(id);
      // A paused process can't take a signal.
      if (state === 'paused') await container.unpause();
      await container.stop({ t: STOP_SECONDS });
    }),
  );
  return nodes.length > 0;
}

/**
 * Removes the project's cluster; the files of its volumes stay.
 *
 * @returns false when there was none.
 * @throws DevenvError `engine_not_found`.
 */
export async function removeCluster(
  context: Context,
  project: Pick<Project, 'stateDirectory'>,
): Promise<boolean> {
  const place = await rememberedClusterPlace(project);
  if (place === undefined) return false;
  const { docker } = await connectToEngine(context);
  const removed = await deleteCluster(docker, place.name);
  await forgetClusterMark(project);
  await forgetClusterPlace(project);
  return removed > 0;
}

/** Of a project whose folder is gone, or was moved: its cluster is found by the root that it had. */
export async function removeAbandonedCluster(context: Context, root: string): Promise<void> {
  const docker = await engineOf(context);
  if (docker !== undefined) await deleteCluster(docker, clusterName(root));
}

async function engineOf(context: Context): Promise<Docker | undefined> {
  try {
    return (await connectToEngine(context)).docker;
  } catch (error) {
    if (error instanceof DevenvError && error.code === 'engine_not_found') return undefined;
    throw error;
  }
}
