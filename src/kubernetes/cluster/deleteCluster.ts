import type Docker from 'dockerode';
import { isMissing } from '../../runtimes/docker/isMissing.ts';
import { nodeContainers } from './nodeContainers.ts';

/** Removes the nodes with what is in them. Files of the project's volumes lie outside, and stay. */
export async function deleteCluster(docker: Docker, cluster: string): Promise<number> {
  const nodes = await nodeContainers(docker, cluster);
  await Promise.all(
    nodes.map(({ id }) =>
      docker
        .getContainer(id)
        .remove({ force: true, v: true })
        .catch((error: unknown) => {
          if (!isMissing(error)) throw error;
        }),
    ),
  );
  return nodes.length;
}
