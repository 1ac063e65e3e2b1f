import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawRequest, type RawRequest } from '../../../src/airflow/restApi/rawRequest.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

const seen: Seen[] = [];
let url: string;
let close: () => void;

beforeEach(async () => {
  seen.length = 0;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => server.close();
});
afterEach(() => close());

test.each([
  ['3.3.2', 'dags?limit=1', '/api/v2/dags?limit=1'],
  ['2.11.2', 'dags', '/api/v1/dags'],
  ['3.3.2', '/api/v2/version', '/api/v2/version'],
])('in Airflow %s the path %s is %s', async (airflowVersion, path, expected) => {
  await ask({ airflowVersion, path });
  expect(seen.map((each) => each.url)).toEqual([expected]);
  expect(seen[0]?.headers.authorization).toBe('Bearer the-key');
});

test('a body is sent as JSON, as it is', async () => {
  await ask({ method: 'POST', body: new TextEncoder().encode('{"a": 1}') });
  expect(seen[0]).toMatchObject({ method: 'POST', body: '{"a": 1}' });
  expect(seen[0]?.headers['content-type']).toBe('application/json');
});

test('an answer that is no success is an answer', async () => {
  expect(await ask({ path: '/gone' })).toMatchObject({ ok: false, status: '404 Not Found' });
});

test('the key does not follow a redirect', async () => {
  expect(await ask({ path: '/moved' })).toMatchObject({ ok: false, status: '302 Found' });
});

test.each(['//127.0.0.1:1/x', 'http://127.0.0.1:1/x', '/\\127.0.0.1:1/x', 'https:x'])(
  'the key is not sent to another server, as %s names one',
  async (path) => {
    await expect(ask({ path })).rejects.toMatchObject({ code: 'usage', misuse: true });
    expect(seen).toEqual([]);
  },
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: path = '', headers } = request;
  seen.push({ method, url: path, body: await text(request), headers });
  if (path === '/moved') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  else response.writeHead(path === '/gone' ? 404 : 200).end('{"ok": true}');
}

function ask(changes: Partial<RawRequest>) {
  const method = 'GET';
  const { signal } = new AbortController();
  const defaults = { url, accessKey: 'the-key', airflowVersion: '3.3.2', path: 'dags', signal, fetch };
  return rawRequest({ ...defaults, method, ...changes });
}
