import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { imagePackages } from '../../../src/runtimes/docker/imagePackages.ts';

interface Behaviour {
  readonly status: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** An engine that has one image, `house/airflow:1`; the bodies of what it is asked to create. */
async function engine({ status, stdout = '', stderr = '' }: Behaviour) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const call = `${method} ${url.replace(/^\/v[\d.]+/, '')}`;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push(`${call} ${body}`.trim());
      const json = (code: number, value: object) =>
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (call.startsWith('POST /containers/create')) {
        const known = body.includes('"house/airflow:1"');
        json(known ? 201 : 404, known ? { Id: 'c1' } : { message: 'No such image' });
      } else if (call.startsWith('POST /containers/c1/wait')) json(200, { StatusCode: status });
      else if (call.startsWith('GET /containers/c1/logs'))
        response.end(frame(call.includes('stdout') ? stdout : stderr));
      else response.end('OK');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = { DOCKER_HOST: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
  return { context: { env, platform: process.platform }, seen };
}

function frame(text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = 1;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

test("an image's packages are what its own Python finds: without its entrypoint, without a network, and nothing stays", async () => {
  const { context, seen } = await engine({ status: 0, stdout: 'apache-airflow==2.11.2\nflask==2.2.5\n' });
  expect([...(await imagePackages(context, 'house/airflow:1'))]).toEqual([
    ['apache-airflow', '2.11.2'],
    ['flask', '2.2.5'],
  ]);
  const created = seen.find((call) => call.includes('/containers/create')) ?? '';
  expect(created).toContain('"Entrypoint":["python3"');
  expect(created).toContain('"NetworkDisabled":true');
  expect(seen.at(-1)).toContain('DELETE /containers/c1');
});

test.each([
  ['house/airflow:2', { status: 0 }, 'image_not_found', undefined],
  ['house/airflow:1', { status: 1, stderr: 'no module importlib' }, 'image_without_packages', /importlib/],
])('%s: %j is %s', async (image, behaviour, code, why) => {
  const { context } = await engine(behaviour);
  const error = (await imagePackages(context, image).catch((each: unknown) => each)) as Error & {
    why?: string;
  };
  expect(error).toMatchObject({ code });
  if (why !== undefined) expect(error.why).toMatch(why);
});
