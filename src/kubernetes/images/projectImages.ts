import type { KubernetesSettings, Project } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import type { Engine } from '../../runtimes/docker/connectToEngine.ts';
import type { ClusterReport } from '../clusterReport.ts';
import { bringImage, prepareImage, type PreparedImage } from './loadImage.ts';

export interface ProjectImages {
  /** Waits for the images, and brings them to the nodes, which must run. */
  bring(project: Pick<Project, 'stateDirectory'>): Promise<void>;
}

/** Begins to build what `kubernetes.images` names, while the cluster is made. One that fails is a warning. */
export function startImages(
  context: Context,
  engine: Engine,
  {
    cluster,
    settings,
    report,
  }: {
    readonly cluster: string;
    readonly settings: Pick<KubernetesSettings, 'images'>;
    readonly report: ClusterReport;
  },
): ProjectImages {
  const prepared = prepareAll();
  // It is awaited later, or never when the cluster can't be made.
  prepared.catch(() => {});
  return {
    async bring(project) {
      if (settings.images.length > 0) report.progress('waiting for the images');
      for (const image of await prepared) {
        report.progress(`loading ${image.name}`);
        await bringImage(context, engine, { project, cluster, image });
      }
    },
  };

  async function prepareAll(): Promise<readonly PreparedImage[]> {
    const found: PreparedImage[] = [];
    for (const image of settings.images) {
      try {
        found.push(await prepareImage(context, engine, cluster, image));
      } catch (error) {
        if (!(error instanceof DevenvError)) throw error;
        report.warn(`${error.what} ${error.why ?? ''}`.trim());
      }
    }
    return found;
  }
}
