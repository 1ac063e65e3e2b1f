import type { KubernetesObject } from '@kubernetes/client-node';
import type { KubernetesSettings, KubernetesVolume } from '../../config/project.ts';
import { NODE_VOLUMES } from '../cluster/kindConfig.ts';

/** A secret of this name holds the token of the service account. */
export function tokenSecretName(serviceAccount: string): string {
  return `${serviceAccount}-devenv-token`;
}

/**
 * What production's cluster has and pods take for granted: namespace, service account with its rights, storage
 * classes, volumes with their claims, priority classes. Pure; in the order in which they can be applied.
 *
 * @param nodes names of the nodes.
 */
export function projectObjects(
  settings: KubernetesSettings,
  nodes: readonly string[],
): readonly KubernetesObject[] {
  const { namespace, serviceAccount, serviceAccounts, volumes, priorityClasses } = settings;
  const classes = [...new Set(volumes.map((each) => each.storageClass))];
  return [
    ...(namespace === 'default' ? [] : [object('v1', 'Namespace', { name: namespace })]),
    ...account(namespace, serviceAccount),
    ...serviceAccounts.map((name) => object('v1', 'ServiceAccount', { name, namespace })),
    ...quota(namespace, settings.quota),
    ...priorityClasses.map((name, index) =>
      object('scheduling.k8s.io/v1', 'PriorityClass', { name }, { value: index, globalDefault: false }),
    ),
    ...classes.map((name) => storageClass(name)),
    ...volumes.flatMap((volume) => [persistentVolume(namespace, volume, nodes), claim(namespace, volume)]),
  ];
}

function object(
  apiVersion: string,
  kind: string,
  metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
  },
  rest: object = {},
): KubernetesObject {
  return { apiVersion, kind, metadata, ...rest };
}

/** What the Airflow of production may do: start pods, read their logs and events, and run the XCom sidecar's command. */
function account(namespace: string, name: string): readonly KubernetesObject[] {
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'] },
    { apiGroups: [''], resources: ['pods/log', 'events'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] },
  ];
  return [
    object('v1', 'ServiceAccount', { name, namespace }),
    object('rbac.authorization.k8s.io/v1', 'Role', { name, namespace }, { rules }),
    object(
      'rbac.authorization.k8s.io/v1',
      'RoleBinding',
      { name, namespace },
      {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ),
    object(
      'v1',
      'Secret',
      {
        name: tokenSecretName(name),
        namespace,
        annotations: { 'kubernetes.io/service-account.name': name },
      },
      { type: 'kubernetes.io/service-account-token' },
    ),
  ];
}

function quota(namespace: string, hard: Readonly<Record<string, string>>): readonly KubernetesObject[] {
  if (Object.keys(hard).length === 0) return [];
  return [object('v1', 'ResourceQuota', { name: 'devenv', namespace }, { spec: { hard } })];
}

function storageClass(name: string): KubernetesObject {
  return object(
    'storage.k8s.io/v1',
    'StorageClass',
    { name },
    {
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  );
}

/** `local`, not `hostPath`: only there does the kubelet give the files to the group of `fsGroup`. */
function persistentVolume(
  namespace: string,
  volume: KubernetesVolume,
  nodes: readonly string[],
): KubernetesObject {
  return object(
    'v1',
    'PersistentVolume',
    { name: `devenv-${volume.claim}` },
    {
      spec: {
        capacity: { storage: volume.size },
        accessModes: [volume.access],
        storageClassName: volume.storageClass,
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { name: volume.claim, namespace },
        local: { path: `${NODE_VOLUMES}/${volume.claim}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [...nodes] }] },
            ],
          },
        },
      },
    },
  );
}

function claim(namespace: string, volume: KubernetesVolume): KubernetesObject {
  return object(
    'v1',
    'PersistentVolumeClaim',
    { name: volume.claim, namespace },
    {
      spec: {
        accessModes: [volume.access],
        storageClassName: volume.storageClass,
        resources: { requests: { storage: volume.size } },
      },
    },
  );
}
