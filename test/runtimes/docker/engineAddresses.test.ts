import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { engineAddresses } from '../../../src/runtimes/docker/engineAddresses.ts';
import { connectToEngine } from '../../../src/runtimes/docker/connectToEngine.ts';

const platform = 'linux';

test('DOCKER_HOST is the only place that is tried where it is set', async () => {
  const env = { DOCKER_HOST: 'tcp://10.0.0.1:2375', HOME: '/nowhere' };
  expect(await engineAddresses({ env, platform })).toEqual([
    { address: 'tcp://10.0.0.1:2375', source: 'DOCKER_HOST', isChosen: true },
  ]);
});

test('the current Docker context is followed to its address', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'contexts-'));
  const digest = createHash('sha256').update('colima').digest('hex');
  const meta = path.join(home, '.docker', 'contexts', 'meta', digest);
  await mkdir(meta, { recursive: true });
  await writeFile(path.join(home, '.docker', 'config.json'), '{"currentContext": "colima"}');
  const address = 'unix:///home/me/.colima/default/docker.sock';
  await writeFile(path.join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: address } } }));
  expect(await engineAddresses({ env: { HOME: home }, platform })).toEqual([
    { address, source: 'the Docker context colima', isChosen: true },
  ]);
});

test('without a choice every usual socket is tried, rootless and Podman among them', async () => {
  const env = { HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/7' };
  const addresses = (await engineAddresses({ env, platform })).map((each) => each.address);
  expect(addresses[0]).toBe('unix:///var/run/docker.sock');
  expect(addresses).toContain('unix:///run/user/7/docker.sock');
  expect(addresses).toContain('unix:///run/user/7/podman/podman.sock');
});

test('an engine that is not there is answered with every place and its reason', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
  const env = { DOCKER_HOST: `unix://${folder}/docker.sock` };
  await expect(connectToEngine({ env, platform })).rejects.toMatchObject({
    code: 'engine_not_found',
    why: expect.stringContaining('there is no such socket'),
  });
});
