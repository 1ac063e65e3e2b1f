import { createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  candidatePlaces,
  CLIENT_PORTS,
  expectedPlace,
  rememberedPlace,
  rememberPlace,
} from '../../../src/hdfs/daemon/hdfsPlace.ts';
import { settlePlace } from '../../../src/hdfs/daemon/settlePlace.ts';
import { makeProject } from '../support/hdfsProject.ts';

test('a project has a loopback address of its own on Linux, away from those that others use', () => {
  const [first] = candidatePlaces('/home/a/p/.devenv', 'linux', undefined);
  const [other] = candidatePlaces('/home/a/q/.devenv', 'linux', undefined);
  expect(first?.address).toMatch(/^127\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/);
  expect(first?.ports).toEqual(CLIENT_PORTS);
  expect(other?.address).not.toBe(first?.address);
});

test('elsewhere it has 127.0.0.1, and the ports that it had last time', () => {
  expect(candidatePlaces('/p', 'darwin', undefined)).toEqual([{ address: '127.0.0.1', ports: [0, 0, 0] }]);
  const remembered = { address: '127.0.0.1', ports: [1, 2, 3] };
  expect(candidatePlaces('/p', 'darwin', remembered)[0]).toEqual(remembered);
});

test('the usual ports are tried before others that it once had', () => {
  const remembered = { address: '127.70.0.1', ports: [40_001, 40_002, 40_003] };
  const places = candidatePlaces('/p', 'linux', remembered);
  expect(places[0]?.ports).toEqual(CLIENT_PORTS);
  expect(places).toContainEqual(remembered);
});

test('a remembered place is what others are told, and a damaged file is nothing', async () => {
  const { stateDirectory } = await makeProject();
  expect(await rememberedPlace(stateDirectory)).toBeUndefined();
  const place = { address: '127.70.0.1', ports: [9870, 8020, 50_070] };
  await rememberPlace(stateDirectory, place);
  expect(await expectedPlace(stateDirectory, 'linux')).toEqual(place);
  await rememberPlace(stateDirectory, { ...place, address: '10.0.0.1' });
  expect(await rememberedPlace(stateDirectory)).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a place that is taken is not settled on', async () => {
  const { stateDirectory } = await makeProject();
  const { address } = await expectedPlace(stateDirectory, 'linux');
  await listen(address, 50_070);
  const place = await settlePlace(stateDirectory, 'linux');
  expect(place?.address).not.toBe(address);
  expect(place).toEqual(await rememberedPlace(stateDirectory));
  expect(await settlePlace(stateDirectory, 'linux')).toEqual(place);
});

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
  return server;
}
