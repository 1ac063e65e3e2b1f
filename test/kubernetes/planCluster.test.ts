import { expect, test } from 'vitest';
import type { NodeContainer, NodeState } from '../../src/kubernetes/cluster/nodeContainers.ts';
import { planCluster } from '../../src/kubernetes/cluster/planCluster.ts';

const WANTED = { fingerprint: 'a' };
const MADE = { fingerprint: 'a', complete: true };

test('a cluster that is not there is made', () => {
  expect(kinds([], MADE)).toEqual(['create']);
  expect(kinds([], undefined)).toEqual(['create']);
});

test('one whose creation was killed is removed and made again', () => {
  expect(kinds(['running'], { ...MADE, complete: false })).toEqual(['delete', 'create']);
  expect(kinds(['running'], undefined)).toEqual(['delete', 'create']);
});

test('one of another image or number of nodes is removed and made again', () => {
  expect(kinds(['running'], { ...MADE, fingerprint: 'b' })).toEqual(['delete', 'create']);
});

test('a stopped one is started, a paused one continued, a running one left', () => {
  expect(kinds(['stopped'], MADE)).toEqual(['start']);
  expect(kinds(['paused'], MADE)).toEqual(['resume']);
  expect(kinds(['stopped', 'paused'], MADE)).toEqual(['start', 'resume']);
  expect(kinds(['running', 'running'], MADE)).toEqual([]);
});

function kinds(states: readonly NodeState[], made: typeof MADE | undefined): readonly string[] {
  const nodes = states.map((state, index): NodeContainer => ({
    id: `${index}`,
    name: `n${index}`,
    state,
    startedAt: 0,
  }));
  return planCluster({ nodes, wanted: WANTED, made }).map((step) => step.kind);
}
