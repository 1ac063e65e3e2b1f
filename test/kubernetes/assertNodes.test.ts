import { expect, test } from 'vitest';
import { resourcePatch } from '../../src/kubernetes/objects/assertNodes.ts';

test('an extended resource is set in capacity and in what can be allocated, with the slash of its name escaped', () => {
  expect(resourcePatch({ 'amd.com/gpu': 2 })).toEqual([
    { op: 'add', path: '/status/capacity/amd.com~1gpu', value: '2' },
    { op: 'add', path: '/status/allocatable/amd.com~1gpu', value: '2' },
  ]);
});
