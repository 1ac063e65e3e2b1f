import type { KubernetesSettings } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { runCommand } from '../../platform/childProcess.ts';
import { makePrivateFolder } from '../../platform/privateFolder.ts';
import type { Engine } from '../../runtimes/docker/connectToEngine.ts';
import type { ClusterPlace } from '../clusterPlace.ts';
import { kindConfig, type NodeFolders } from './kindConfig.ts';
import { ensureKind } from './kindProgram.ts';

export interface ClusterFiles {
  readonly kubeconfig: string;
  /** They are made when they are missing. */
  readonly folders: NodeFolders;
}

export interface ClusterCreation {
  readonly place: ClusterPlace;
  readonly settings: KubernetesSettings;
  readonly files: ClusterFiles;
}

/**
 * Makes the cluster with the kind program. What a creation that was killed has left must be gone before.
 *
 * @throws DevenvError `cluster_not_created` with kind's own words; `cluster_node_slow` when it may work again.
 */
export async function createCluster(
  context: Context,
  engine: Engine,
  { place, settings, files }: ClusterCreation,
  onProgress: (detail: string) => void,
): Promise<void> {
  const kind = await ensureKind(context);
  for (const folder of [files.folders.volumes, files.folders.hdfs]) await makePrivateFolder(folder);
  const image = settings.image === undefined ? [] : ['--image', settings.image];
  try {
    await runCommand(
      kind,
      ['create', 'cluster', '--config', '-', ...image, '--kubeconfig', files.kubeconfig, '--retain'],
      {
        env: { ...context.env, ...engine.variables },
        signal: context.signal,
        input: kindConfig(place, settings, files.folders),
        onLine: (line) => {
          const step = progressOf(line);
          if (step !== undefined) onProgress(step);
        },
      },
    );
  } catch (cause) {
    context.signal.throwIfAborted();
    throw notCreated(place, cause);
  }
}

/** ` • Starting control-plane 🕹️  ...` is a step of kind. */
function progressOf(line: string): string | undefined {
  const step = /^\s*•\s+(.*?)\s*\.{3}/.exec(line)?.[1];
  return step?.replaceAll(/[^\p{L}\p{N}\p{P}\s]/gu, '').trim();
}

function notCreated(place: ClusterPlace, cause: unknown): DevenvError {
  const why = cause instanceof DevenvError ? (cause.why ?? cause.what) : String(cause);
  return new DevenvError({
    code: /could not find a log line/.test(why) ? 'cluster_node_slow' : 'cluster_not_created',
    what: `kind could not make the cluster ${place.name}.`,
    why,
    next: [
      'devenv up tries again, from the beginning',
      'devenv doctor checks the engine, its memory and its disk',
      ...(/pull|manifest|image/i.test(why)
        ? ['kubernetes.image in devenv.yaml names another node image']
        : []),
    ],
    cause,
  });
}
