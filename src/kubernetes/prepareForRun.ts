import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { endAbandonedPods } from './abandonedPods.ts';
import { apiAnswers } from './apiAnswers.ts';
import { readClusterMark } from './clusterMark.ts';
import { rememberedClusterPlace } from './clusterPlace.ts';

/**
 * Before a run outside a stack: the project's cluster runs. A warm run pays for a question to its API server and the reading
 * of two small files; what has changed in `devenv.yaml` since is applied by `devenv up`.
 *
 * Where no Docker engine answers it says so, and the run begins: only pods need one.
 *
 * @throws DevenvError what `ensureCluster` throws beside `engine_not_found`.
 */
export async function prepareClusterForRun(context: Context, project: Project): Promise<void> {
  const settings = project.kubernetes;
  if (settings === undefined) return;
  const [place, mark] = await Promise.all([rememberedClusterPlace(project), readClusterMark(project)]);
  if (place !== undefined && mark?.complete === true && (await apiAnswers(place.port))) {
    await endAbandonedPods(context, project);
    return;
  }
  const { ensureCluster } = await import('./ensureCluster.ts');
  const step = { type: 'step', id: 'kubernetes' } as const;
  context.emit({ ...step, state: 'working', text: 'Starting the cluster' });
  try {
    await ensureCluster(context, project, settings, {
      progress: (detail) =>
        context.emit({ ...step, state: 'working', text: `Starting the cluster: ${detail}` }),
      warn: (text) => context.emit({ type: 'message', level: 'warning', text }),
    });
    context.emit({ ...step, state: 'done', text: 'The cluster runs' });
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'engine_not_found') throw error;
    context.emit({ ...step, state: 'failed', text: 'There is no cluster' });
    const text = `${error.what} ${error.why ?? ''} Tasks that start pods fail; everything else works.`;
    context.emit({ type: 'message', level: 'warning', text });
  }
}
