import type { ClusterMark } from '../clusterMark.ts';
import type { NodeContainer } from './nodeContainers.ts';

export interface ClusterStep {
  readonly kind: 'delete' | 'create' | 'start' | 'resume';
  /** For progress and for a dry run. */
  readonly text: string;
}

export interface ObservedCluster {
  readonly nodes: readonly NodeContainer[];
  readonly wanted: Pick<ClusterMark, 'fingerprint'>;
  /** What the nodes were made from; undefined when it is not known. */
  readonly made: ClusterMark | undefined;
}

/** From what is there to a cluster that runs. Pure; no steps when it runs already. */
export function planCluster({ nodes, wanted, made }: ObservedCluster): readonly ClusterStep[] {
  const create: ClusterStep = { kind: 'create', text: 'making the cluster' };
  if (nodes.length === 0) return [create];
  if (made?.complete !== true)
    return [{ kind: 'delete', text: 'removing a cluster that was never finished' }, create];
  if (made.fingerprint !== wanted.fingerprint)
    return [
      { kind: 'delete', text: 'removing the cluster: its image or number of nodes has changed' },
      create,
    ];
  const steps: ClusterStep[] = [];
  if (nodes.some(({ state }) => state === 'stopped'))
    steps.push({ kind: 'start', text: 'starting the cluster' });
  if (nodes.some(({ state }) => state === 'paused'))
    steps.push({ kind: 'resume', text: 'continuing the cluster' });
  return steps;
}
