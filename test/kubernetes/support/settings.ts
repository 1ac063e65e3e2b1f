import type { KubernetesSettings } from '../../../src/config/project.ts';

/** One node with a GPU, and a claim. */
export const SETTINGS: KubernetesSettings = {
  image: undefined,
  namespace: 'ml',
  serviceAccount: 'airflow',
  nodes: [{ labels: { 'amd.com/gpu.vram': '64G' }, resources: { 'amd.com/gpu': 1 } }],
  volumes: [{ claim: 'models', storageClass: 'ceph-rbd-ssd', size: '20Gi', access: 'ReadWriteOnce' }],
  priorityClasses: ['low-priority-pod'],
  serviceAccounts: [],
  quota: {},
  configMaps: [],
  images: [],
};
