import type { KubernetesSettings } from '../../config/project.ts';
import type { ClusterPlace } from '../clusterPlace.ts';

/** Where nodes see the folder of the project's volumes. */
export const NODE_VOLUMES = '/var/devenv/volumes';

/**
 * What the kind program makes a cluster from. The first node is the control plane and runs pods, too: in a cluster of
 * one node kind takes the taint away, and a volume that only one node may mount is where every pod can reach it.
 *
 * @param volumes absolute folder of this machine.
 */
export function kindConfig(place: ClusterPlace, settings: KubernetesSettings, volumes: string): string {
  // JSON is YAML, too.
  return JSON.stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name: place.name,
    // 127.0.0.1 is then in the API server's certificate, and nothing else listens.
    networking: { apiServerAddress: '127.0.0.1', apiServerPort: place.port },
    nodes: settings.nodes.map((node, index) => ({
      role: index === 0 ? 'control-plane' : 'worker',
      labels: { ...node.labels },
      extraMounts: [{ hostPath: volumes, containerPath: NODE_VOLUMES }],
    })),
    kubeadmConfigPatches: [CERTIFICATE_NAMES],
  });
}

/** Containers of the project reach the API server by other names than its own. */
const CERTIFICATE_NAMES = `kind: ClusterConfiguration
apiServer: {certSANs: [localhost, 127.0.0.1, host.docker.internal]}
`;

/** As kind names them: `NAME-control-plane`, `NAME-worker`, `NAME-worker2`. */
export function nodeName(cluster: string, index: number): string {
  if (index === 0) return `${cluster}-control-plane`;
  return `${cluster}-worker${index === 1 ? '' : index}`;
}
