import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { hdfsPath } from '../../../src/hdfs/client/hdfsFiles.ts';
import { remoteException } from '../../../src/hdfs/client/remoteException.ts';
import { webHdfsFiles } from '../../../src/hdfs/client/webHdfsFiles.ts';
import { makeProject, openFiles } from '../support/hdfsProject.ts';

test('files go in and come out as they are, also larger than a piece of a stream', async () => {
  const files = await openFiles(await makeProject());
  const bytes = Buffer.alloc(3_000_000, 'abcdefg');
  await files.create('/a/b/c.bin', pieces(bytes, 100_000));
  expect(await read(files.open('/a/b/c.bin'))).toEqual(bytes);
  const part = await read(files.open('/a/b/c.bin', { offset: 7, length: 14 }));
  expect(part.toString()).toBe('abcdefgabcdefg');
  await files.create('/empty', '');
  expect((await read(files.open('/empty'))).length).toBe(0);
});

test('names that mean something in a URL are names', async () => {
  const files = await openFiles(await makeProject());
  const names = ['a b', 'a+b', 'a%20b', 'ż=日', 'q?x#y&z', 'semi;colon', "quote'd"];
  for (const name of names) await files.create(`/names/${name}`, name);
  const found = (await files.list('/names')).map((each) => each.name);
  expect(found.toSorted()).toEqual(names.toSorted());
  for (const name of names) expect((await read(files.open(`/names/${name}`))).toString()).toBe(name);
  expect(await files.rename('/names/a+b', '/names/c+d e')).toBe(true);
  expect(await files.exists('/names/c+d e')).toBe(true);
});

test('what is missing is nothing, not an error', async () => {
  const files = await openFiles(await makeProject());
  expect(await files.status('/nope')).toBeUndefined();
  expect(await files.exists('/nope')).toBe(false);
  expect(await files.delete('/nope')).toBe(false);
  expect(await files.rename('/nope', '/other')).toBe(false);
});

test('a file takes the place of another in one step', async () => {
  const files = await openFiles(await makeProject());
  await files.create('/a', 'old');
  await files.create('/a.part', 'new');
  const misses: unknown[] = [];
  const replaced = new AbortController();
  const looking = (async () => {
    while (!replaced.signal.aborted) if (!(await files.exists('/a'))) misses.push(performance.now());
  })();
  await files.replace('/a.part', '/a');
  replaced.abort();
  await looking;
  expect([(await read(files.open('/a'))).toString(), await files.exists('/a.part'), misses]).toEqual([
    'new',
    false,
    [],
  ]);
  await expect(files.replace('/nope', '/a')).rejects.toMatchObject({ code: 'hdfs_refused' });
});

test('a refusal says what the server has said', async () => {
  const files = await openFiles(await makeProject());
  await files.create('/a', 'x');
  const error: unknown = await files.create('/a', 'y').catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'hdfs_refused' });
  expect(remoteException(error)).toMatchObject({ exception: 'FileAlreadyExistsException', status: 403 });
  await files.create('/a', 'z', { overwrite: true });
  expect((await read(files.open('/a'))).toString()).toBe('z');
});

test('permissions and times are set', async () => {
  const files = await openFiles(await makeProject());
  await files.create('/a', 'x', { permission: '640' });
  await files.setModificationTime('/a', 1_700_000_000_123);
  expect(await files.status('/a')).toMatchObject({ permission: '640', modificationTime: 1_700_000_000_123 });
  await files.setPermission('/a', '600');
  expect(await files.status('/a')).toMatchObject({
    permission: '600',
    length: 1,
    type: 'FILE',
    owner: files.web.user,
  });
});

test('a body that can’t be read to its end is the caller’s error', async () => {
  const files = await openFiles(await makeProject());
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    throw new Error('the disk is gone');
  }
  await expect(files.create('/half', failing())).rejects.toThrow('the disk is gone');
});

test('a server that is not there is named with what to do', async () => {
  const files = webHdfsFiles({ url: 'http://127.0.0.1:1', user: 'alice' });
  await expect(files.exists('/')).rejects.toMatchObject({
    code: 'hdfs_unreachable',
    what: "The project's HDFS at 127.0.0.1:1 does not answer.",
  });
});

test('an answer that is no JSON is told as it is', async () => {
  const server = createServer((_, response) => response.writeHead(500).end('out of order'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const files = webHdfsFiles({ url: `http://127.0.0.1:${port}`, user: 'alice' });
  onTestFinished(() => files.close());
  const error: unknown = await files.list('/').catch((caught: unknown) => caught);
  expect(remoteException(error)).toEqual({ exception: 'IOException', message: 'out of order', status: 500 });
});

test('the path of a URI is what stands behind the host', () => {
  expect(hdfsPath('hdfs://analytics-hadoop/a/b%20c')).toBe('/a/b%20c');
  expect(hdfsPath('hdfs:///a')).toBe('/a');
  expect(hdfsPath('hdfs://analytics-hadoop')).toBe('/');
  expect(hdfsPath('/a')).toBe('/a');
});

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(stream: Promise<ReadableStream<Uint8Array>>): Promise<Buffer> {
  return Buffer.from(await new Response(await stream).arrayBuffer());
}
