import { mkdir } from 'node:fs/promises';
import type { KubernetesSettings } from '../../config/project.ts';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { runCommand } from '../../platform/childProcess.ts';
import type { Engine } from '../../runtimes/docker/connectToEngine.ts';
import type { ClusterPlace } from '../clusterPlace.ts';
import { kindConfig } from './kindConfig.ts';
import { ensureKind } from './kindProgram.ts';

export interface ClusterFiles {
  readonly kubeconfig: string;
  /** Folder of the volumes; it is made when it is missing. */
  readonly volumes: string;
}

/**
 * Makes the cluster with the kind program. What a creation that was killed has left must be gone before.
 *
 * @throws DevenvError `cluster_not_created` with kind's own words.
 */
export async function createCluster(
  context: Context,
  engine: Engine,
  {
    place,
    settings,
    files,
  }: {
    readonly place: ClusterPlace;
    readonly settings: KubernetesSettings;
    readonly files: ClusterFiles;
  },
  onProgress: (detail: string) => void,
): Promise<void> {
  const kind = await ensureKind(context);
  await mkdir(files.volumes, { recursive: true });
  const image = settings.image === undefined ? [] : ['--image', settings.image];
  try {
    await runCommand(
      kind,
      ['create', 'cluster', '--config', '-', ...image, '--kubeconfig', files.kubeconfig, '--retain'],
      {
        env: { ...context.env, ...engine.variables },
        signal: context.signal,
        input: kindConfig(place, settings, files.volumes),
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
    code: 'cluster_not_created',
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
