import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { download } from '../../src/artifacts/download.ts';
import { serve, temporaryFolder, testContext } from './support.ts';

const BODY = Buffer.from('0123456789'.repeat(10_000));
const SHA256 = createHash('sha256').update(BODY).digest('hex');

async function fetchFrom(addresses: readonly string[], folder: string, sha256?: string, again = false) {
  const request = { name: 'a.tgz', addresses, sha256, directory: folder, again, onProgress: () => {} };
  return download(testContext(folder), request);
}

test('a file is downloaded once', async () => {
  await using server = await serve((_, response) => response.end(BODY));
  const folder = await temporaryFolder();
  const file = await fetchFrom([server.url], folder, SHA256);
  expect(await readFile(file)).toEqual(BODY);
  expect(await fetchFrom([server.url], folder, SHA256)).toBe(file);
  expect(server.requests).toHaveLength(1);
  await fetchFrom([server.url], folder, SHA256, true);
  expect(server.requests).toHaveLength(2);
});

test('a download that is broken off goes on where it ended', async () => {
  let first = true;
  await using server = await serve((request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = BODY.subarray(from);
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': rest.length, 'etag': '"one"' });
    if (first) breakOff(response, rest.subarray(0, 40_000));
    else response.end(rest);
    first = false;
  });
  const file = await fetchFrom([server.url], await temporaryFolder(), SHA256);
  expect(await readFile(file)).toEqual(BODY);
  expect(server.requests.map(({ range }) => range)).toEqual([
    undefined,
    expect.stringMatching(/^bytes=\d+-$/),
  ]);
});

test('when the server’s file is another one by then, it is taken whole', async () => {
  let count = 0;
  await using server = await serve((_, response) => {
    count += 1;
    response.writeHead(200, { 'content-length': BODY.length, 'etag': `"${count}"` });
    if (count === 1) breakOff(response, Buffer.alloc(40_000, 'x'));
    else response.end(BODY);
  });
  const file = await fetchFrom([server.url], await temporaryFolder(), SHA256);
  expect(await readFile(file)).toEqual(BODY);
});

test('an error page is not taken for the file', async () => {
  await using server = await serve((_, response) => response.end('<html>Please log in</html>'));
  const folder = await temporaryFolder();
  await expect(fetchFrom([server.url], folder, SHA256)).rejects.toMatchObject({ code: 'artifact_checksum' });
});

test('the next repository is asked when one has no such file', async () => {
  await using empty = await serve((_, response) => response.writeHead(404).end());
  await using full = await serve((_, response) => response.end(BODY));
  const file = await fetchFrom([`${empty.url}/a`, `${full.url}/a`], await temporaryFolder());
  expect(await readFile(file)).toEqual(BODY);
  const nowhere = fetchFrom([`${empty.url}/a`], await temporaryFolder());
  await expect(nowhere).rejects.toMatchObject({ code: 'artifact_not_found' });
});

test('a server that refuses, and one that is not there, are told apart from a missing file', async () => {
  await using server = await serve((_, response) => response.writeHead(403).end());
  const refused = fetchFrom([server.url], await temporaryFolder());
  await expect(refused).rejects.toMatchObject({
    code: 'artifact_unreachable',
    why: 'The server answers 403.',
  });
  const absent = fetchFrom(['http://127.0.0.1:1/a'], await temporaryFolder());
  await expect(absent).rejects.toMatchObject({ code: 'artifact_unreachable' });
});

test('user and password of an address are sent, and not shown', async () => {
  let authorization: string | undefined;
  await using server = await serve((request, response) => {
    authorization = request.headers.authorization;
    response.writeHead(404).end();
  });
  const address = server.url.replace('//', '//me:geheim@');
  const error = await fetchFrom([address], await temporaryFolder()).catch((each: unknown) => each);
  expect(authorization).toBe(`Basic ${Buffer.from('me:geheim').toString('base64')}`);
  expect(String(error)).not.toContain('geheim');
});

test('what an address is signed with is sent, and not shown', async () => {
  let asked: string | undefined;
  await using server = await serve((request, response) => {
    asked = request.url;
    response.writeHead(403).end();
  });
  const address = `${server.url}?signature=geheim`;
  const error = await fetchFrom([address], await temporaryFolder()).catch((each: unknown) => each);
  expect(asked).toContain('?signature=geheim');
  expect(String(error)).not.toContain('geheim');
});

function breakOff(response: ServerResponse, beginning: Buffer): void {
  response.write(beginning, () => setTimeout(() => response.destroy(), 50));
}
