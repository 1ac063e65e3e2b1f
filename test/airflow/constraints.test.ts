import { once } from 'node:events';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { cachedConstraints, ensureConstraints } from '../../src/airflow/constraints.ts';
import { testContext, type TestContext } from './testContext.ts';

let server: Server;
let base: string;
let requests: string[];
/** Not run: each test names a mirror or a file. */
const UV = '/nowhere/uv';
const release = (airflowVersion: string) => ({ airflowVersion, pythonMinor: '3.11' });
const PINS = 'apache-airflow-core==3.1.0\nnumpy==2.0.0\n';

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    if (request.url?.includes('constraints-3.1.0') === true) response.end(PINS);
    else if (request.url?.includes('portal') === true) response.end('<html>Log in</html>');
    else if (request.url?.includes('3.1.5') === true) response.writeHead(503).end();
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const near = () => testContext({ AIRFLOW_DEVENV_CONSTRAINTS_URL: `${base}/` });

describe('ensureConstraints', () => {
  test('fetches the official file once and keeps it', async () => {
    const context = await near();
    expect(cachedConstraints(context, release('3.1.0'))).toEqual([]);
    const file = await ensureConstraints(context, UV, release('3.1.0'));
    expect(await readFile(file, 'utf8')).toBe(PINS);
    expect(await ensureConstraints(context, UV, release('3.1.0'))).toBe(file);
    expect(cachedConstraints(context, release('3.1.0'))).toEqual([file]);
    expect(requests).toEqual(['/constraints-3.1.0/constraints-3.11.txt']);
  });

  test('what was worked out from the index counts for a day, then the official file is tried again', async () => {
    const context = await near();
    const worked = await workedOut(context, '3.1.0');
    expect(await ensureConstraints(context, UV, release('3.1.0'))).toBe(worked);
    await utimes(worked, 1, 1);
    expect(cachedConstraints(context, release('3.1.0'))).toEqual([worked]);
    const official = await ensureConstraints(context, UV, release('3.1.0'));
    expect(await readFile(official, 'utf8')).toBe(PINS);
    expect(cachedConstraints(context, release('3.1.0'))).toEqual([official, worked]);
    expect([requests.length, context.events.filter(({ type }) => type === 'message')]).toEqual([1, []]);
  });

  test('it goes on counting where the official file still can not be had, and that is said', async () => {
    const context = await near();
    const worked = await workedOut(context, '3.1.5');
    await utimes(worked, 1, 1);
    expect(await ensureConstraints(context, UV, release('3.1.5'))).toBe(worked);
    expect(context.events).toContainEqual({
      type: 'message',
      level: 'warning',
      text: expect.stringMatching(/3\.1\.5.*503.*worked out from the package index/),
    });
  });

  test('that the index is used instead is said when it is', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('no route')));
    onTestFinished(() => void vi.unstubAllGlobals());
    const context = await testContext();
    const uv = path.join(context.cache, 'uv');
    await writeFile(uv, '#!/bin/sh\necho apache-airflow==3.1.0\n', { mode: 0o755 });
    const file = await ensureConstraints(context, uv, release('3.1.0'));
    expect(await readFile(file, 'utf8')).toContain('apache-airflow==3.1.0');
    expect(context.events).toContainEqual({
      type: 'message',
      level: 'warning',
      text: expect.stringMatching(/no route.*worked out from the package index/),
    });
  });

  test('a version that does not exist is the person’s mistake', async () => {
    await expect(ensureConstraints(await near(), UV, release('9.9.9'))).rejects.toMatchObject({
      code: 'airflow_version_unknown',
      misuse: true,
      next: [expect.stringMatching(/3\.3\.2, .*2\.11\.2 come with/)],
    });
  });

  test('without a network it says what else can be done, and where to put the file', async () => {
    const context = await testContext({ AIRFLOW_DEVENV_CONSTRAINTS_URL: 'http://me:secret@127.0.0.1:1' });
    const failed = ensureConstraints(context, UV, release('3.1.0'));
    await expect(failed).rejects.toMatchObject({ code: 'constraints_unreachable' });
    const error = (await failed.catch((reason: unknown) => reason)) as { next: string[]; what: string };
    const place = path.join(context.cache, 'constraints', 'airflow-3.1.0-python3.11.txt');
    expect(error.next.join('\n')).toContain(place);
    expect(error.next.join('\n')).toContain('airflow.constraints');
    expect(error.what).not.toContain('secret');
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, PINS);
    expect(await ensureConstraints(context, UV, release('3.1.0'))).toBe(place);
  });

  test('a failing server and a log-in page are not taken for a constraint file', async () => {
    const failing = ensureConstraints(await near(), UV, release('3.1.5'));
    await expect(failing).rejects.toMatchObject({
      code: 'constraints_unreachable',
      why: expect.stringContaining('503'),
    });
    const portal = await testContext({ AIRFLOW_DEVENV_CONSTRAINTS: `${base}/portal` });
    await expect(ensureConstraints(portal, UV, release('3.1.0'))).rejects.toMatchObject({
      code: 'constraints_unreachable',
      why: 'The answer is not a constraint file.',
    });
  });

  test('a file or an address of one’s own may be named', async () => {
    const mirror = await testContext({ AIRFLOW_DEVENV_CONSTRAINTS: `${base}/constraints-3.1.0.txt` });
    expect(await readFile(await ensureConstraints(mirror, UV, release('3.1.0')), 'utf8')).toBe(PINS);
    const named = await testContext({ AIRFLOW_DEVENV_CONSTRAINTS: 'mine.txt' });
    await expect(ensureConstraints(named, UV, release('3.1.0'))).rejects.toMatchObject({
      code: 'constraints_not_found',
    });
    await writeFile(path.join(named.workingDirectory, 'mine.txt'), PINS);
    expect(await ensureConstraints(named, UV, release('3.1.0'))).toBe(
      path.join(named.workingDirectory, 'mine.txt'),
    );
  });
});

async function workedOut({ cache }: TestContext, version: string): Promise<string> {
  const file = path.join(cache, 'constraints', `airflow-${version}-python3.11-index.txt`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, PINS);
  return file;
}
