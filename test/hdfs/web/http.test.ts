import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { type MockHdfs, mockHdfsForTest } from '../support/mockHdfs.ts';
import { connectRaw } from '../support/rawConnection.ts';
import { ask, send } from '../support/webHdfsRequest.ts';

const DATA_STEP = 'namenoderpcaddress=x&user.name=root';

test('a request may come byte by byte, and several at once', async () => {
  const mock = await root();
  const connection = await connectRaw(mock.port);
  const request = 'GET /webhdfs/v1/?op=GETHOMEDIRECTORY&user.name=a HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const letter of request) {
    connection.send(letter);
    await new Promise(setImmediate);
  }
  await connection.until('"/user/a"');
  connection.send(request.replace('=a', '=b') + request.replace('=a', '=c'));
  const received = await connection.until('"/user/c"');
  expect(received.indexOf('"/user/b"')).toBeLessThan(received.indexOf('"/user/c"'));
  connection.drop();
});

test('UTF-8 in the request line, as Hadoop’s clients send it, also in two parts', async () => {
  const mock = await root();
  const line = Buffer.from(
    'PUT /webhdfs/v1/ż/日?op=MKDIRS&user.name=root HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
  );
  const connection = await connectRaw(mock.port);
  // In the middle of a letter.
  connection.send(line.subarray(0, 18));
  await new Promise((resolve) => setTimeout(resolve, 5));
  connection.send(line.subarray(18));
  await connection.until('"boolean":true');
  connection.drop();
  const { body } = await ask(mock.address, { verb: 'GET', path: '/%C5%BC', query: 'op=LISTSTATUS' });
  expect(String(body)).toContain('"pathSuffix":"日"');
});

test.each([
  ['nothing like HTTP', 'hello\r\n\r\n'],
  ['no version', 'GET /\r\n\r\n'],
  ['a version from the future', 'GET / HTTP/2.0\r\n\r\n'],
  ['a header without a colon', 'GET / HTTP/1.1\r\nnonsense\r\n\r\n'],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: localhost\r\n y\r\n\r\n'],
  ['a length that is none', 'PUT / HTTP/1.1\r\nContent-Length: -5\r\n\r\n'],
  ['two lengths', 'PUT / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
  ['a length and chunks', 'PUT / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['an unknown encoding', 'PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n'],
])('a malformed request is refused: %s', async (_, text) => {
  const mock = await root();
  const connection = await connectRaw(mock.port);
  connection.send(text);
  expect(await connection.closed).toMatch(/^HTTP\/1\.1 400 Bad Request/);
});

test('a path outside of WebHDFS is not found', async () => {
  const mock = await root();
  expect((await send('GET', `${mock.address}/jmx`, undefined)).status).toBe(404);
  expect((await send('GET', `${mock.address}/webhdfs/v10/x?op=OPEN`, undefined)).status).toBe(404);
});

test('a header of 100 MB is refused, and costs next to nothing', async () => {
  const mock = await root();
  const before = process.memoryUsage().rss;
  const connection = await connectRaw(mock.port);
  connection.send('GET /webhdfs/v1/?op=LISTSTATUS HTTP/1.1\r\nX: ');
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  for (let count = 0; count < 100 && !connection.received().includes('431'); count += 1) {
    connection.send(megabyte);
    await new Promise(setImmediate);
  }
  expect(await connection.until('431')).toContain('Request Header Fields Too Large');
  expect(process.memoryUsage().rss - before).toBeLessThan(250e6);
  connection.drop();
  expect((await ask(mock.address, { verb: 'GET', path: '/', query: 'op=LISTSTATUS' })).status).toBe(200);
});

test('a native client is told at once, in the log, and not kept waiting', async () => {
  const mock = await root();
  const connection = await connectRaw(mock.port);
  connection.send(Buffer.from('hrpc\x09\x00\x00'));
  await connection.closed;
  expect(mock.log.join()).toContain('fs.hdfs.impl');
});

test('a body in chunks of odd sizes arrives whole', async () => {
  const mock = await root();
  const connection = await connectRaw(mock.port);
  connection.send(
    `PUT /webhdfs/v1/f?op=CREATE&${DATA_STEP} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  let expected = '';
  for (const size of [1, 15, 16, 17, 70_000, 3]) {
    const text = 'abcdefghij'.repeat(7001).slice(0, size);
    expected += text;
    const chunk = `${size.toString(16)};extension=1\r\n${text}\r\n`;
    connection.send(chunk.slice(0, 2));
    await new Promise(setImmediate);
    connection.send(chunk.slice(2));
  }
  connection.send('0\r\nTrailer: yes\r\n\r\n');
  await connection.until('201 Created');
  expect(await readFile(path.join(mock.folder, 'f'), 'utf8')).toBe(expected);
  connection.drop();
});

test('chunks that are no chunks end the connection; what came before them stays', async () => {
  const mock = await root();
  const connection = await connectRaw(mock.port);
  connection.send(
    `PUT /webhdfs/v1/f?op=CREATE&${DATA_STEP} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
  );
  connection.send('xyz\r\n');
  await connection.closed;
  await vi.waitFor(async () => expect(await lengthOf(mock, '/f')).toBe(3));
});

test('a client that waits for 100 Continue gets it, and not for a refusal', async () => {
  const mock = await root();
  const head = (user: string): string =>
    `PUT /webhdfs/v1/f?op=CREATE&namenoderpcaddress=x&user.name=${user} HTTP/1.1\r\n` +
    'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n';
  const refused = await connectRaw(mock.port);
  refused.send(head('bob'));
  expect(await refused.closed).toMatch(/^HTTP\/1\.1 403/);
  const accepted = await connectRaw(mock.port);
  accepted.send(head('root'));
  await accepted.until('100 Continue');
  accepted.send('hello');
  await accepted.until('201 Created');
  accepted.drop();
});

test('a refusal reaches a client that is still sending a large body', async () => {
  const mock = await root();
  const body = Buffer.alloc(30e6, 'x');
  const { status, body: answer } = await send(
    'PUT',
    `${mock.address}/webhdfs/v1/f?op=CREATE&namenoderpcaddress=x&user.name=bob`,
    body,
  );
  expect(status).toBe(403);
  expect(String(answer)).toContain('AccessControlException');
});

test('200 clients that go in the middle of a file leave what has arrived, and no lease', async () => {
  const mock = await root();
  const half = async (index: number): Promise<void> => {
    const connection = await connectRaw(mock.port);
    const head = `PUT /webhdfs/v1/d/f${index}?op=CREATE&${DATA_STEP} HTTP/1.1\r\nContent-Length: 1000\r\n\r\n`;
    connection.send(head + 'x'.repeat(500));
    await vi.waitFor(async () => expect(await lengthOf(mock, `/d/f${index}`)).toBe(0), { timeout: 20_000 });
    connection.drop();
  };
  await Promise.all(Array.from({ length: 200 }, (_, index) => half(index)));
  await vi.waitFor(
    async () => {
      const { body } = await ask(mock.address, { verb: 'GET', path: '/d', query: 'op=GETCONTENTSUMMARY' });
      expect(JSON.parse(String(body))).toMatchObject({
        ContentSummary: { fileCount: 200, length: 200 * 500 },
      });
    },
    { timeout: 20_000 },
  );
  const again = await ask(mock.address, {
    verb: 'POST',
    path: '/d/f7',
    query: 'op=APPEND&user.name=root',
    body: 'y',
  });
  expect(again.status).toBe(200);
});

test('a client that reads nothing does not make the server read on', async () => {
  const mock = await root();
  const size = 200e6;
  await ask(mock.address, {
    verb: 'PUT',
    path: '/big',
    query: 'op=CREATE&user.name=root',
    body: Buffer.alloc(size),
  });
  const before = process.memoryUsage().rss;
  const socket = net.connect(mock.port, '127.0.0.1');
  socket.pause();
  socket.write(`GET /webhdfs/v1/big?op=OPEN&${DATA_STEP} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(process.memoryUsage().rss - before).toBeLessThan(60e6);
  let length = 0;
  socket.on('data', (bytes) => (length += bytes.length));
  socket.resume();
  await vi.waitFor(() => expect(length).toBeGreaterThan(size), { timeout: 20_000 });
  socket.destroy();
});

test('requests that come and come while no answer is read wait, and are answered in the end', async () => {
  const mock = await root();
  for (const name of Array.from({ length: 300 }, (_, index) => `entry-${index}`)) {
    await ask(mock.address, { verb: 'PUT', path: `/d/${name}`, query: 'op=MKDIRS&user.name=root' });
  }
  const before = process.memoryUsage().rss;
  const socket = net.connect(mock.port, '127.0.0.1');
  socket.pause();
  const count = 3000;
  for (let index = 0; index < count; index += 1) {
    socket.write(`GET /webhdfs/v1/d?op=LISTSTATUS&n=${index} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  let answers = 0;
  socket.on('data', (bytes) => (answers += bytes.toString('latin1').split('HTTP/1.1 200').length - 1));
  socket.resume();
  await vi.waitFor(() => expect(answers).toBeGreaterThan(count - 5), { timeout: 20_000 });
  socket.destroy();
});

test('a client that has said all it wants still gets its answer', async () => {
  const mock = await root();
  const socket = net.connect(mock.port, '127.0.0.1');
  let received = '';
  socket.on('data', (bytes) => (received += String(bytes)));
  socket.end('GET /webhdfs/v1/?op=GETHOMEDIRECTORY&user.name=a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  expect(received).toContain('/user/a');
});

test('the address of the second step is the one by which the client calls', async () => {
  const settings = () => ({ names: ['analytics-hadoop'], proxyUsers: [] });
  const mock = await mockHdfsForTest({ superuser: 'root', settings });
  const connection = await connectRaw(mock.port);
  const line = 'PUT /webhdfs/v1/ż?op=CREATE&user.name=root HTTP/1.1\r\n';
  connection.send(`${line}Host: analytics-hadoop:9870\r\nContent-Length: 0\r\n\r\n`);
  expect(await connection.until('\r\n\r\n')).toContain(
    'Location: http://analytics-hadoop:9870/webhdfs/v1/%C5%BC?op=CREATE&user.name=root&',
  );
  connection.send(`${line}Content-Length: 0\r\n\r\n`);
  await connection.until(`Location: http://127.0.0.1:${mock.port}/`);
  connection.send(`${line}Host: x\x0bSet-Cookie\r\nContent-Length: 0\r\n\r\n`);
  expect(await connection.until('421')).not.toContain('\x0b');
  connection.drop();
});

test('a path that this machine cannot hold is refused in HDFS’ words, and is not a mistake of ours', async () => {
  const mock = await root();
  const long = Array.from({ length: 25 }, () => 'x'.repeat(200)).join('/');
  for (const query of ['op=MKDIRS', 'op=CREATE']) {
    const answer = await ask(mock.address, {
      verb: 'PUT',
      path: `/${long}`,
      query: `${query}&user.name=root`,
    });
    expect([answer.status, String(answer.body)]).toEqual([403, expect.stringContaining('too long')]);
  }
  expect(mock.log).toEqual([]);
});

test('web pages of other sites get nothing', async () => {
  const mock = await root();
  const connection = await connectRaw(mock.port);
  connection.send(
    'GET /webhdfs/v1/?op=LISTSTATUS HTTP/1.1\r\nHost: localhost\r\nOrigin: http://example.org\r\n\r\n',
  );
  expect(await connection.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 403/);
  connection.drop();
});

async function root(): Promise<MockHdfs> {
  return mockHdfsForTest({ superuser: 'root' });
}

async function lengthOf(mock: MockHdfs, file: string): Promise<number> {
  const { status, body } = await ask(mock.address, { verb: 'GET', path: file, query: 'op=GETFILESTATUS' });
  if (status !== 200) return -1;
  return (JSON.parse(String(body)) as { FileStatus: { length: number } }).FileStatus.length;
}
