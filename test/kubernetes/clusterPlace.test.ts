import { cp, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  clusterName,
  preferredPort,
  rememberedClusterPlace,
  settleClusterPlace,
} from '../../src/kubernetes/clusterPlace.ts';

test('a settled place stays, in a file that only its owner reads', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'place-'));
  const project = { root, stateDirectory: path.join(root, '.devenv') };
  expect(await rememberedClusterPlace(project)).toBeUndefined();
  const place = await settleClusterPlace(project);
  expect(await settleClusterPlace(project)).toEqual(place);
  expect(await rememberedClusterPlace(project)).toEqual(place);
  const { mode } = await stat(path.join(root, '.devenv', 'kubernetes', 'cluster.json'));
  expect(mode & 0o777).toBe(0o600);
});

test('names differ for folders of the same name, and are host names of at most 63 letters with a node behind them', () => {
  const names = ['/a/Größe & Co', '/b/Größe & Co', `/c/${'x'.repeat(200)}`, '/'].map(clusterName);
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(`${name}-control-plane`).toMatch(/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/);
});

test('the copy of a project has a cluster of its own: that of the original is not its to stop or remove', async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'copies-'));
  const original = { root: path.join(parent, 'one'), stateDirectory: path.join(parent, 'one', '.devenv') };
  const copy = { root: path.join(parent, 'two'), stateDirectory: path.join(parent, 'two', '.devenv') };
  const place = await settleClusterPlace(original);
  await cp(original.stateDirectory, copy.stateDirectory, { recursive: true });
  expect(await rememberedClusterPlace(copy)).toBeUndefined();
  expect((await settleClusterPlace(copy)).name).not.toBe(place.name);
});

test('projects begin at ports of their own: a stopped cluster keeps its port without listening on it', () => {
  const ports = ['/home/me/one', '/home/me/two', '/home/me/three'].map(preferredPort);
  expect(new Set(ports).size).toBe(3);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(6443);
  expect(Math.max(...ports)).toBeLessThan(7443);
});
