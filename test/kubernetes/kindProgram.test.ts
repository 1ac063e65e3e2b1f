import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { ensureKind } from '../../src/kubernetes/cluster/kindProgram.ts';

const PROGRAM = '#!/bin/sh\necho kind\n';
let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

test('kind on PATH is taken', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'kind-'));
  await writeFile(path.join(folder, 'kind'), PROGRAM);
  await chmod(path.join(folder, 'kind'), 0o755);
  expect(await ensureKind(await contextWith({ PATH: folder }))).toBe(path.join(folder, 'kind'));
});

test('where PATH has none it is downloaded once, compared with its checksum, and runs', async () => {
  const mirror = await serve(createHash('sha256').update(PROGRAM).digest('hex'));
  const context = await contextWith({ AIRFLOW_DEVENV_KIND_URL: mirror.address });
  const program = await ensureKind(context);
  expect(await readFile(program, 'utf8')).toBe(PROGRAM);
  expect((await stat(program)).mode & 0o777).toBe(0o700);
  expect(await ensureKind(context)).toBe(program);
  expect(mirror.requests()).toBe(2);
});

test('a program with another checksum is refused and not kept', async () => {
  const mirror = await serve('0'.repeat(64));
  const context = await contextWith({ AIRFLOW_DEVENV_KIND_URL: mirror.address });
  await expect(ensureKind(context)).rejects.toMatchObject({
    code: 'kind_not_found',
    why: expect.stringContaining('its SHA-256 is'),
  });
  expect(existsSync(path.join(context.env['AIRFLOW_DEVENV_CACHE'] ?? '', 'kind', 'v0.30.0', 'kind'))).toBe(
    false,
  );
});

async function contextWith(env: Record<string, string>): Promise<Context> {
  const cache = await mkdtemp(path.join(tmpdir(), 'kind-cache-'));
  return {
    env: { PATH: '/nonexistent', AIRFLOW_DEVENV_CACHE: cache, ...env },
    platform: 'linux',
    workingDirectory: cache,
    now: Date.now,
    emit: () => {},
    signal: AbortSignal.timeout(20_000),
  };
}

async function serve(checksum: string): Promise<{ address: string; requests: () => number }> {
  let requests = 0;
  const started = createServer((request, response) => {
    requests += 1;
    response.end(request.url?.endsWith('.sha256sum') === true ? `${checksum}  kind\n` : PROGRAM);
  });
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  const { port } = started.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, requests: () => requests };
}
