import type { KubernetesImage, KubernetesSettings, Project } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { runCommand } from '../../platform/childProcess.ts';
import { connectToEngine, type Engine } from '../../runtimes/docker/connectToEngine.ts';
import { isMissing } from '../../runtimes/docker/isMissing.ts';
import { ensureKind } from '../cluster/kindProgram.ts';
import { nodeContainers } from '../cluster/nodeContainers.ts';
import { runInNode } from '../cluster/runInNode.ts';
import { clusterMissing } from '../clusterMissing.ts';
import { rememberedClusterPlace } from '../clusterPlace.ts';
import { buildImage } from './buildImage.ts';
import { builtImageName, fullImageName } from './imageName.ts';
import { rememberLoadedImage } from './loadedImages.ts';

type ImageProject = Pick<Project, 'stateDirectory'> & {
  readonly kubernetes?: Pick<KubernetesSettings, 'images'>;
};

/**
 * Brings an image to every node of the project's cluster: what `kubernetes.images` says of that name, built when it is
 * to be built, or else the engine's image of that name. One that a node has, by its digest, is left.
 *
 * @param image as pods name it.
 * @returns whether it was brought.
 * @throws DevenvError `image_not_found` (misuse), `image_not_built`, `cluster_missing`, `command_failed`.
 */
export async function loadImage(context: Context, project: ImageProject, image: string): Promise<boolean> {
  const place = await rememberedClusterPlace(project);
  if (place === undefined) throw clusterMissing();
  const engine = await connectToEngine(context);
  const named = project.kubernetes?.images.find((each) => each.name === image);
  const prepared = await prepareImage(context, engine, place.name, named ?? { name: image, source: image });
  return bringImage(context, engine, { project, cluster: place.name, image: prepared });
}

/** An image of the engine, and what pods call it. */
export interface PreparedImage {
  readonly name: string;
  readonly inEngine: string;
}

/** Builds it, or looks that it is there. */
export async function prepareImage(
  context: Context,
  engine: Engine,
  cluster: string,
  { name, source }: KubernetesImage,
): Promise<PreparedImage> {
  if (typeof source !== 'string') {
    const inEngine = builtImageName(cluster, name);
    await buildImage(context, engine, inEngine, source);
    return { name, inEngine };
  }
  try {
    await engine.docker.getImage(source).inspect();
    return { name, inEngine: source };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw imageNotFound(source, engine.address);
  }
}

export async function bringImage(
  context: Context,
  engine: Engine,
  {
    project,
    cluster,
    image,
  }: {
    readonly project: Pick<Project, 'stateDirectory'>;
    readonly cluster: string;
    readonly image: PreparedImage;
  },
): Promise<boolean> {
  const kind = await ensureKind(context);
  const { stderr } = await runCommand(kind, ['load', 'docker-image', '--name', cluster, image.inEngine], {
    env: { ...context.env, ...engine.variables },
    signal: context.signal,
  });
  const [from, to] = [fullImageName(image.inEngine), fullImageName(image.name)];
  if (from !== to)
    for (const { name } of await nodeContainers(engine.docker, cluster))
      await runInNode(engine.docker, name, [...TAG, from, to]);
  await rememberLoadedImage(project, image.name);
  return /not yet present|loading/i.test(stderr);
}

/** Of the containerd in a node, in the namespace that the kubelet uses. */
const TAG = ['ctr', '--namespace=k8s.io', 'images', 'tag', '--force'];

function imageNotFound(image: string, engine: string): DevenvError {
  return new DevenvError({
    code: 'image_not_found',
    what: `The engine has no image ${image}.`,
    why: `Looked for it at ${engine}.`,
    next: [`docker build -t ${image} FOLDER makes it, docker pull ${image} brings it`],
    misuse: true,
  });
}
