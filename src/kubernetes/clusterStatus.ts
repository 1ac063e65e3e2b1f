import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { connectToEngine } from '../runtimes/docker/connectToEngine.ts';
import { nodeContainers } from './cluster/nodeContainers.ts';
import { readClusterMark } from './clusterMark.ts';
import { rememberedClusterPlace } from './clusterPlace.ts';

/** Whether the project's cluster is whole and its nodes run. False where the engine does not answer. */
export async function isClusterRunning(
  context: Pick<Context, 'env' | 'platform'>,
  project: Pick<Project, 'stateDirectory'>,
): Promise<boolean> {
  const [place, mark] = await Promise.all([rememberedClusterPlace(project), readClusterMark(project)]);
  if (place === undefined || mark?.complete !== true) return false;
  try {
    const { docker } = await connectToEngine(context);
    const nodes = await nodeContainers(docker, place.name);
    return nodes.length > 0 && nodes.every(({ state }) => state === 'running');
  } catch {
    return false;
  }
}
