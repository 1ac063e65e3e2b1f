import type { KubernetesNode, KubernetesSettings } from './project.ts';
import type { Settings } from './schema.ts';

const STORAGE_CLASS = 'devenv-local';

/** What `kubernetes:` says, with its defaults; nothing where `devenv.yaml` has none. */
export function kubernetesSettings(kubernetes: Settings['kubernetes']): {
  readonly kubernetes?: KubernetesSettings;
} {
  if (kubernetes === undefined) return {};
  return {
    kubernetes: {
      image: kubernetes.image,
      namespace: kubernetes.namespace ?? 'default',
      serviceAccount: kubernetes.service_account ?? 'airflow',
      nodes: (kubernetes.nodes ?? [{}]).map(nodeOf),
      volumes: (kubernetes.volumes ?? []).map((each) => ({
        claim: each.claim,
        storageClass: each.class ?? STORAGE_CLASS,
        size: each.size,
        access: each.access ?? 'ReadWriteOnce',
      })),
      priorityClasses: kubernetes.priority_classes ?? [],
    },
  };
}

type NodeSettings = NonNullable<NonNullable<Settings['kubernetes']>['nodes']>[number];

function nodeOf({ labels = {}, resources = {} }: NodeSettings): KubernetesNode {
  return {
    labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)])),
    resources,
  };
}
