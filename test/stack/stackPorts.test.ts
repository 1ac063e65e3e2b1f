import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processStartTime } from '../../src/platform/processIdentity.ts';
import { PortClaims } from '../../src/stack/portClaims.ts';
import { stackPort } from '../../src/stack/stackPorts.ts';

async function folder(): Promise<string> {
  const found = await mkdtemp(path.join(tmpdir(), 'devenv-ports-'));
  onTestFinished(() => rm(found, { recursive: true, force: true }));
  return found;
}

const ANY = { claim: async () => true };

test('a port is kept from one start to the next', async () => {
  const state = await folder();
  const first = await stackPort(state, undefined, process.platform, ANY);
  await writeFile(path.join(state, 'ports.json'), JSON.stringify({ version: 1, api: 21_777 }));
  expect(await stackPort(state, undefined, process.platform, ANY)).toEqual({ port: 21_777 });
  expect(first.port).toBeGreaterThanOrEqual(8080);
});

test('a port that another stack has claimed is passed over', async () => {
  const state = await folder();
  await writeFile(path.join(state, 'ports.json'), JSON.stringify({ version: 1, api: 21_800 }));
  const refused: number[] = [];
  const claims = {
    claim: async (port: number) => {
      if (refused.length < 2) refused.push(port);
      return refused.at(-1) !== port;
    },
  };
  const { port } = await stackPort(state, undefined, process.platform, claims);
  expect(refused).toEqual([21_800, 21_801]);
  expect(port).toBe(21_802);
});

test('a taken port that was asked for is refused, with its holder', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as net.AddressInfo;
  await expect(stackPort(await folder(), port, process.platform, ANY)).rejects.toMatchObject({
    code: 'port_taken',
    why: expect.stringContaining(`pid ${process.pid}`) as string,
  });
});

test('a claim belongs to one living process', async () => {
  const shared = await folder();
  const claims = new PortClaims(shared, process.platform);
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill('SIGKILL'));
  await new Promise((resolve) => other.once('spawn', resolve));
  const file = path.join(shared, 'port-4000');
  const startTime = await processStartTime(other.pid ?? -1);
  await writeFile(file, JSON.stringify({ pid: other.pid, startTime }));
  expect(await claims.claim(4000)).toBe(false);
  const gone = new Promise((resolve) => other.once('exit', resolve));
  other.kill('SIGKILL');
  await gone;
  expect(await claims.claim(4000)).toBe(true);
  expect(await claims.claim(4000)).toBe(true);
  await claims.release(4000);
  await expect(rm(file)).rejects.toThrow('ENOENT');
});
