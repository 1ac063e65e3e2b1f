import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { summarizePod } from '../../src/kubernetes/listPods.ts';

test('a pod that no node can take is explained by the scheduler', () => {
  const message = '0/1 nodes are available: 1 Insufficient amd.com/gpu.';
  const pod = podWith({
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  });
  expect(summarizePod(pod)).toMatchObject({ phase: 'Pending', reason: message, task: 'tone.train' });
});

test('an image that is missing and a container that was killed are explained by the kubelet', () => {
  const container = { name: 'base', image: 'i', imageID: '', ready: false, restartCount: 0 };
  const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' };
  expect(summarizePod(podWith({ containerStatuses: [{ ...container, state: { waiting } }] })).reason).toBe(
    'ImagePullBackOff: Back-off pulling image "x"',
  );
  const terminated = { exitCode: 137, reason: 'OOMKilled' };
  expect(summarizePod(podWith({ containerStatuses: [{ ...container, state: { terminated } }] })).reason).toBe(
    'OOMKilled, exit code 137',
  );
});

test('a pod that runs needs no explanation', () => {
  expect(summarizePod(podWith({ phase: 'Running' })).reason).toBeUndefined();
});

function podWith(status: V1Pod['status']): V1Pod {
  return {
    metadata: { name: 'train-1', labels: { dag_id: 'tone', task_id: 'train' } },
    ...(status === undefined ? {} : { status }),
  };
}
