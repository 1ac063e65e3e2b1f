import type Docker from 'dockerode';
import { isMissing } from '../../runtimes/docker/isMissing.ts';

export type NodeState = 'running' | 'paused' | 'stopped';

export interface NodeContainer {
  readonly id: string;
  readonly name: string;
  readonly state: NodeState;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Kind's own label: its programs find clusters by it, and so do we. */
const CLUSTER_LABEL = 'io.x-k8s.kind.cluster';

/** The containers of the cluster's nodes, the control plane first; none when there is no such cluster. */
export async function nodeContainers(docker: Docker, cluster: string): Promise<readonly NodeContainer[]> {
  const found = await docker.listContainers({
    all: true,
    filters: { label: [`${CLUSTER_LABEL}=${cluster}`] },
  });
  const nodes = await Promise.all(found.map(({ Id }) => describe(docker, Id)));
  return nodes
    .filter((node) => node !== undefined)
    .toSorted((left, right) => order(left.name) - order(right.name) || (left.name < right.name ? -1 : 1));
}

async function describe(docker: Docker, id: string): Promise<NodeContainer | undefined> {
  try {
    const { Id, Name, State } = await docker.getContainer(id).inspect();
    const state = State.Paused ? 'paused' : State.Running ? 'running' : 'stopped';
    return { id: Id, name: Name.replace(/^\//, ''), state, startedAt: Date.parse(State.StartedAt) };
  } catch (error) {
    // Removed between the list and the look.
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function order(name: string): number {
  return name.endsWith('-control-plane') ? 0 : 1;
}
