import { expect, test } from 'vitest';
import { kindConfig, nodeName } from '../../src/kubernetes/cluster/kindConfig.ts';
import { SETTINGS } from './support/settings.ts';

const FOLDERS = { volumes: '/p/volumes', hdfs: '/p/hdfs/socket' };

test('the API server listens on loopback only, at the port that was settled', () => {
  const config = JSON.parse(kindConfig({ name: 'devenv-x', port: 6444 }, SETTINGS, FOLDERS));
  expect(config.networking).toEqual({ apiServerAddress: '127.0.0.1', apiServerPort: 6444 });
});

test('the first node is the control plane, each has its labels and mounts the folders of volumes and HDFS', () => {
  const settings = { ...SETTINGS, nodes: [...SETTINGS.nodes, { labels: {}, resources: {} }] };
  const config = JSON.parse(kindConfig({ name: 'devenv-x', port: 6444 }, settings, FOLDERS));
  const extraMounts = [
    { hostPath: '/p/volumes', containerPath: '/var/devenv/volumes' },
    { hostPath: '/p/hdfs/socket', containerPath: '/var/devenv/hdfs' },
  ];
  expect(config.nodes).toEqual([
    { role: 'control-plane', labels: { 'amd.com/gpu.vram': '64G' }, extraMounts },
    { role: 'worker', labels: {}, extraMounts },
  ]);
});

test('nodes have the names that kind gives them', () => {
  expect([0, 1, 2].map((index) => nodeName('c', index))).toEqual([
    'c-control-plane',
    'c-worker',
    'c-worker2',
  ]);
});
