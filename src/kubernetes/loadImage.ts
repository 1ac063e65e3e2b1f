import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runCommand } from '../platform/childProcess.ts';
import { connectToEngine } from '../runtimes/docker/connectToEngine.ts';
import { ensureKind } from './cluster/kindProgram.ts';
import { isGone } from './cluster/nodeContainers.ts';
import { rememberedClusterPlace } from './clusterPlace.ts';
import { clusterMissing } from './clusterMissing.ts';

/**
 * Brings an image of the engine to every node of the project's cluster. One that a node has, by its digest, is left.
 *
 * @returns whether it was brought.
 * @throws DevenvError `image_not_found` (misuse), `cluster_missing`, `command_failed`.
 */
export async function loadImage(
  context: Context,
  project: Pick<Project, 'stateDirectory'>,
  image: string,
): Promise<boolean> {
  const place = await rememberedClusterPlace(project);
  if (place === undefined) throw clusterMissing();
  const engine = await connectToEngine(context);
  try {
    await engine.docker.getImage(image).inspect();
  } catch (error) {
    if (!isGone(error)) throw error;
    throw imageNotFound(image, engine.address);
  }
  const kind = await ensureKind(context);
  const { stderr } = await runCommand(kind, ['load', 'docker-image', '--name', place.name, image], {
    env: { ...context.env, ...engine.variables },
    signal: context.signal,
  });
  return /not yet present|loading/i.test(stderr);
}

function imageNotFound(image: string, engine: string): DevenvError {
  return new DevenvError({
    code: 'image_not_found',
    what: `The engine has no image ${image}.`,
    why: `Looked for it at ${engine}.`,
    next: [`docker build -t ${image} FOLDER makes it, docker pull ${image} brings it`],
    misuse: true,
  });
}
