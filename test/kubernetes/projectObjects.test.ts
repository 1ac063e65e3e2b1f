import { expect, test } from 'vitest';
import { projectObjects } from '../../src/kubernetes/objects/projectObjects.ts';
import { SETTINGS } from './support/settings.ts';

const objects = projectObjects(SETTINGS, ['c-control-plane']);

test('the namespace comes before what is in it, the class before its volume, the volume before its claim', () => {
  expect(objects.map((each) => `${each.kind} ${each.metadata?.name ?? ''}`)).toEqual([
    'Namespace ml',
    'ServiceAccount airflow',
    'Role airflow',
    'RoleBinding airflow',
    'Secret airflow-devenv-token',
    'PriorityClass low-priority-pod',
    'StorageClass ceph-rbd-ssd',
    'PersistentVolume devenv-models',
    'PersistentVolumeClaim models',
  ]);
});

test('a volume is local and promised to its claim, so that fsGroup holds and nothing else takes it', () => {
  expect(objects.find((each) => each.kind === 'PersistentVolume')).toMatchObject({
    spec: {
      local: { path: '/var/devenv/volumes/models' },
      claimRef: { name: 'models', namespace: 'ml' },
      storageClassName: 'ceph-rbd-ssd',
      capacity: { storage: '20Gi' },
    },
  });
});

test('the namespace that every cluster has is not made', () => {
  const kinds = projectObjects({ ...SETTINGS, namespace: 'default' }, ['n']).map((each) => each.kind);
  expect(kinds).not.toContain('Namespace');
});

test('tasks may start, watch and end pods, read logs and events, and nothing of the cluster itself', () => {
  const role = objects.find((each) => each.kind === 'Role');
  expect(JSON.stringify(role)).not.toMatch(/nodes|secrets|"\*"/);
  expect(role).toMatchObject({
    rules: [{ resources: ['pods'] }, { resources: ['pods/log', 'events'] }, { resources: ['pods/exec'] }],
  });
});
