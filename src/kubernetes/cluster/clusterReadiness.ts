import { setTimeout as sleep } from 'node:timers/promises';
import { DevenvError } from '../../errors.ts';
import type { ClusterApi } from '../api.ts';
import { apiMessage } from '../objects/applyObjects.ts';

export interface ReadinessRequest {
  readonly api: ClusterApi;
  readonly nodes: readonly string[];
  /**
   * Milliseconds since the epoch of the start that is waited for. The API server of a cluster that has just started
   * shows the state of before the stop: only what is newer counts.
   */
  readonly since: number;
  readonly signal: AbortSignal;
  readonly onProgress: (detail: string) => void;
}

const LOOK_MS = 250;
const LONGEST_MS = 180_000;

/**
 * Waits until every node is ready with a heartbeat of this start, and names can be resolved in pods.
 *
 * @throws DevenvError `cluster_not_ready` with what was seen last.
 */
export async function untilClusterReady(request: ReadinessRequest): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  let told: string | undefined;
  for (;;) {
    const obstacle = await obstacleOf(request);
    if (obstacle === undefined) return;
    if (obstacle !== told) request.onProgress(obstacle);
    told = obstacle;
    if (performance.now() > end) throw notReady(obstacle);
    await sleep(LOOK_MS, undefined, { signal: request.signal });
  }
}

/** What is not ready yet, as a person reads it: `waiting for the API server`. */
async function obstacleOf({ api, nodes, since }: ReadinessRequest): Promise<string | undefined> {
  try {
    for (const name of nodes) {
      const node = await api.core.readNode({ name });
      const condition = node.status?.conditions?.find(({ type }) => type === 'Ready');
      if (condition?.status !== 'True')
        return `waiting for node ${name}: ${condition?.message ?? 'no state yet'}`;
    }
    const leases = await api.objects.list('coordination.k8s.io/v1', 'Lease', 'kube-node-lease');
    for (const name of nodes) {
      const lease = leases.items.find((each) => each.metadata?.name === name);
      if (renewedAt(lease) < since) return `waiting for the heartbeat of node ${name}`;
    }
    const pods = await api.core.listNamespacedPod({
      namespace: 'kube-system',
      labelSelector: 'k8s-app=kube-dns',
    });
    const answers = pods.items.some(({ status }) =>
      status?.containerStatuses?.some(
        ({ ready, state }) => ready && (state?.running?.startedAt?.getTime() ?? 0) >= since - CLOCK_MS,
      ),
    );
    return answers ? undefined : 'waiting for CoreDNS';
  } catch (error) {
    return `waiting for the API server: ${apiMessage(error)}`;
  }
}

/** Kubernetes writes the start of a container in whole seconds. */
const CLOCK_MS = 1_000;

function renewedAt(lease: object | undefined): number {
  const spec = lease !== undefined && 'spec' in lease ? lease.spec : undefined;
  const time = typeof spec === 'object' && spec !== null && 'renewTime' in spec ? spec.renewTime : undefined;
  return time instanceof Date ? time.getTime() : Date.parse(String(time)) || 0;
}

function notReady(obstacle: string): DevenvError {
  return new DevenvError({
    code: 'cluster_not_ready',
    what: `The cluster is not ready after ${LONGEST_MS / 1000} s.`,
    why: obstacle,
    next: [
      'devenv kubectl get pods -A shows what runs in it',
      'devenv down --volumes, then devenv up makes it new; the files of its volumes are kept',
    ],
  });
}
