import http from 'node:http';
import { expect, test } from 'vitest';
import { ownProcesses } from '../../../src/hdfs/daemon/ownProcesses.ts';
import { loopbackPeerOwner } from '../../../src/platform/peerOwner.ts';
import { mockHdfsForTest } from '../support/mockHdfs.ts';
import { ask, send } from '../support/webHdfsRequest.ts';

const LIST = { verb: 'GET', path: '/', query: 'op=LISTSTATUS&user.name=root' } as const;

test('processes of another user are refused, whatever they ask, and the log names the user once', async () => {
  const log: string[] = [];
  const stranger = ownProcesses(
    (line) => log.push(line),
    async () => 1001,
    1000,
  )!;
  const mock = await mockHdfsForTest({ admits: stranger, superuser: 'root' });
  for (const [verb, query] of [
    ['GET', 'op=LISTSTATUS'],
    ['GET', 'op=OPEN&namenoderpcaddress=x'],
    ['PUT', 'op=CREATE&namenoderpcaddress=x'],
    ['PUT', 'op=MKDIRS&ticket=zzzzzzzz.AAAA'],
    ['DELETE', 'op=DELETE'],
  ] as const) {
    const answer = await ask(mock.address, { verb, path: '/f', query: `${query}&user.name=root` });
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('AccessControlException');
  }
  expect(log).toEqual([
    'a process of the user with the id 1001 was not answered: this HDFS is of the user 1000',
  ]);
});

test('a user’s own processes are answered, and root’s; an end without an owner is not', async () => {
  const admits = (owner: number | undefined) =>
    ownProcesses(
      () => {},
      async () => owner,
      1000,
    )!({
      localAddress: '127.0.0.1',
      localPort: 1,
      remoteAddress: '127.0.0.1',
      remotePort: 2,
    });
  expect(await Promise.all([admits(1000), admits(0), admits(undefined), admits(1)])).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test.runIf(process.platform === 'linux')('the system tells whose a connection is', async () => {
  const own = await mockHdfsForTest({ admits: ownProcesses(() => {}) });
  expect((await ask(own.address, LIST)).status).toBe(200);
  const others = ownProcesses(
    () => {},
    async (connection) => (await loopbackPeerOwner()!(connection))! + 7,
    3,
  );
  const foreign = await mockHdfsForTest({ admits: others });
  expect((await ask(foreign.address, LIST)).status).toBe(403);
});

test('a connection is looked up once, and the second step of a transfer not at all', async () => {
  let lookedUp = 0;
  const mock = await mockHdfsForTest({
    superuser: 'root',
    admits: async () => {
      lookedUp += 1;
      return lookedUp === 1;
    },
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < 3; count += 1) {
    expect(await statusOn(agent, `${mock.address}/webhdfs/v1/?op=LISTSTATUS&user.name=root`)).toBe(200);
  }
  const first = await new Promise<http.IncomingMessage>((resolve) => {
    const url = `${mock.address}/webhdfs/v1/f?op=CREATE&user.name=root`;
    http.request(url, { method: 'PUT', agent }, resolve).end();
  });
  const location = first.headers.location!;
  agent.destroy();
  expect((await send('PUT', location, 'x')).status).toBe(201);
  // The ticket is of this path and of this verb.
  expect((await send('PUT', location.replace('/f?', '/g?'), 'x')).status).toBe(403);
  expect((await send('DELETE', location.replace('op=CREATE', 'op=DELETE'), undefined)).status).toBe(403);
  expect(lookedUp).toBe(2);
});

test.each([
  'evil.example',
  'evil.example:9870',
  'analytics-hadoop.evil.example',
  'a:b:c',
  '127.0.0.1.evil.example',
])('a request for %s is none of ours, and no redirect keeps the name', async (host) => {
  const mock = await mockHdfsForTest({ settings });
  const answer = await asHost(mock.port, host, '/webhdfs/v1/f?op=CREATE&user.name=root');
  expect(answer.status).toBe(421);
  expect(answer.location).toBeUndefined();
  const proxied = await asHost(mock.port, 'localhost', `http://${host}/webhdfs/v1/?op=LISTSTATUS`);
  expect(proxied.status).not.toBe(200);
});

test.each(['127.88.29.23:9870', 'analytics-hadoop', 'Analytics-Hadoop:50070', 'localhost:1', '[::1]:9870'])(
  'clients may call it %s, and are sent on under that name',
  async (host) => {
    const mock = await mockHdfsForTest({ settings });
    const answer = await asHost(mock.port, host, '/webhdfs/v1/f?op=CREATE&user.name=root');
    expect(answer.status).toBe(307);
    expect(answer.location).toMatch(`http://${host}/webhdfs/v1/f?`);
  },
);

const settings = () => ({ names: ['analytics-hadoop'], proxyUsers: [] });

function asHost(port: number, host: string, path: string): Promise<{ status: number; location?: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port, path, method: 'PUT', headers: { Host: host } }, (response) => {
      response.resume();
      const { location } = response.headers;
      resolve({ status: response.statusCode!, ...(location !== undefined && { location }) });
    });
    request.on('error', reject);
    request.end();
  });
}

function statusOn(agent: http.Agent, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
    });
    request.on('error', reject);
  });
}
