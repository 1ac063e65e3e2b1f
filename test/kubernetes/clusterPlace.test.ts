import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  clusterName,
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
