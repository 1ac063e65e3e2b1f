import { connect } from 'node:net';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { readClusterMark } from './clusterMark.ts';
import { rememberedClusterPlace } from './clusterPlace.ts';

const CONNECT_MS = 500;

/**
 * Before a run outside a stack: the project's cluster runs. A warm run pays for a connection and the reading of two
 * small files; what has changed in `devenv.yaml` since is applied by `devenv up`.
 *
 * Where no Docker engine answers it says so, and the run begins: only pods need one.
 *
 * @throws DevenvError what `ensureCluster` throws beside `engine_not_found`.
 */
export async function prepareClusterForRun(context: Context, project: Project): Promise<void> {
  const settings = project.kubernetes;
  if (settings === undefined) return;
  const [place, mark] = await Promise.all([rememberedClusterPlace(project), readClusterMark(project)]);
  if (place !== undefined && mark?.complete === true && (await listens(place.port))) return;
  const { ensureCluster } = await import('./ensureCluster.ts');
  const step = { type: 'step', id: 'kubernetes' } as const;
  context.emit({ ...step, state: 'working', text: 'Starting the cluster' });
  try {
    await ensureCluster(context, project, settings, (detail) =>
      context.emit({ ...step, state: 'working', text: `Starting the cluster: ${detail}` }),
    );
    context.emit({ ...step, state: 'done', text: 'The cluster runs' });
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'engine_not_found') throw error;
    context.emit({ ...step, state: 'failed', text: 'There is no cluster' });
    const text = `${error.what} ${error.why ?? ''} Tasks that start pods fail; everything else works.`;
    context.emit({ type: 'message', level: 'warning', text });
  }
}

/** A node that is paused accepts connections and does not answer, which the pod's operator then says. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(CONNECT_MS, end(false));
    socket.once('connect', end(true)).once('error', end(false));
  });
}
