import type { KubernetesSettings } from '../../config/project.ts';
import type { ClusterPlace } from '../clusterPlace.ts';

/** Where nodes see the folder of the project's volumes. */
export const NODE_VOLUMES = '/var/devenv/volumes';
/** Where nodes see the folder of the Unix socket of the project's HDFS. */
export const NODE_HDFS = '/var/devenv/hdfs';

/** Absolute folders of this machine that nodes mount. */
export interface NodeFolders {
  readonly volumes: string;
  readonly hdfs: string;
}

/**
 * What the kind program makes a cluster from. The first node is the control plane and runs pods, too: in a cluster of
 * one node kind takes the taint away, and a volume that only one node may mount is where every pod can reach it.
 */
export function kindConfig(place: ClusterPlace, settings: KubernetesSettings, folders: NodeFolders): string {
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
      extraMounts: [
        { hostPath: folders.volumes, containerPath: NODE_VOLUMES },
        { hostPath: folders.hdfs, containerPath: NODE_HDFS },
      ],
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
