import type { KubernetesNode } from '../../config/project.ts';
import type { ClusterApi } from '../api.ts';
import { nodeName } from '../cluster/kindConfig.ts';

/**
 * Gives each node its labels and extended resources. Labels of a cluster's making are kept by Kubernetes; resources
 * that no device plugin has registered are kept as long as the node's object lives, so they are set at every `up`.
 *
 * @returns what a node can give to pods, as Kubernetes writes quantities.
 */
export async function assertNodes(
  api: ClusterApi,
  cluster: string,
  nodes: readonly KubernetesNode[],
): Promise<NodeSize> {
  const { PatchStrategy, setHeaderOptions } = await import('@kubernetes/client-node');
  const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch);
  const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  for (const [index, node] of nodes.entries()) {
    const name = nodeName(cluster, index);
    if (Object.keys(node.labels).length > 0)
      await api.core.patchNode({ name, body: { metadata: { labels: { ...node.labels } } } }, mergePatch);
    const body = resourcePatch(node.resources);
    if (body.length > 0) await api.core.patchNodeStatus({ name, body }, jsonPatch);
  }
  // Nodes of kind are containers of one machine, and each has all of it.
  const { status } = await api.core.readNode({ name: nodeName(cluster, 0) });
  return { cpu: status?.allocatable?.['cpu'] ?? '', memory: status?.allocatable?.['memory'] ?? '' };
}

export interface NodeSize {
  readonly cpu: string;
  readonly memory: string;
}

/** Both, or the scheduler waits until the kubelet has looked at the capacity again. Source: Kubernetes' page on extended resources. */
export function resourcePatch(
  resources: Readonly<Record<string, number>>,
): { op: 'add'; path: string; value: string }[] {
  return Object.entries(resources).flatMap(([name, count]) =>
    ['capacity', 'allocatable'].map((field) => ({
      op: 'add' as const,
      path: `/status/${field}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      value: String(count),
    })),
  );
}
