import { expect, test } from 'vitest';
import { hadoopConfigMapData, hdfsServiceObjects } from '../../src/kubernetes/hadoop/hadoopObjects.ts';

const HDFS = { nameservice: 'analytics-hadoop', user: undefined, conf: [], seed: [] };

test("pods' clients send what they ask of the nameservice to the address that their node passes on", async () => {
  const data = await hadoopConfigMapData(HDFS, 'analytics');
  expect(Object.keys(data)).toEqual(['core-site.xml', 'hdfs-site.xml']);
  expect(data['core-site.xml']).toContain('hdfs://198.18.0.1:9870/');
  expect(data['core-site.xml']).toContain('fs.viewfs.mounttable.analytics-hadoop.linkFallback');
});

test('the name of the nameservice is one of the namespace, with the ports that clients assume', () => {
  const [service, slice] = hdfsServiceObjects('ml', 'analytics-hadoop');
  expect(service).toMatchObject({
    kind: 'Service',
    metadata: { name: 'analytics-hadoop', namespace: 'ml' },
    spec: { ports: [{ port: 9870 }, { port: 8020 }, { port: 50_070 }] },
  });
  expect(slice).toMatchObject({ endpoints: [{ addresses: ['198.18.0.1'] }] });
});

test('a nameservice with dots is left to the configuration', () => {
  expect(hdfsServiceObjects('ml', 'hadoop.example.org')).toEqual([]);
});
