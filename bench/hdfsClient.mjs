// The least client of WebHDFS that can be: what is measured is the servers.
import { once } from 'node:events';
import { connect } from 'node:net';

/** A connection that is kept; one request after the other. */
export async function openClient({ host, port }) {
  let reply = newReply();
  let done;
  const socket = connectReading({ host, port }, (bytes) => {
    reply.add(bytes);
    if (!reply.isComplete()) return;
    const finished = reply;
    reply = newReply();
    done(finished);
  });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return {
    /** Asks, and gives back status, location and the number of bytes of the body. */
    async ask(verb, target) {
      const answered = new Promise((resolve) => (done = resolve));
      const length = verb === 'GET' ? '' : 'Content-Length: 0\r\n';
      socket.write(`${verb} /webhdfs/v1${target} HTTP/1.1\r\nHost: ${host}:${port}\r\n${length}\r\n`);
      const answer = await answered;
      if (answer.status >= 400) throw new Error(`${verb} ${target}: ${answer.status} ${answer.text()}`);
      return answer;
    },
    end: () => socket.destroy(),
  };
}

/** Sends `count` times the piece as a file: first step, second step on a connection of its own. */
export async function createFile(server, target, piece, count) {
  const client = await openClient(server);
  const { location } = await client.ask('PUT', target);
  client.end();
  const { url, socket, answer } = await follow(location);
  const head = `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/octet-stream\r\n`;
  socket.write(`${head}Content-Length: ${piece.length * count}\r\n\r\n`);
  for (let index = 0; index < count; index += 1) if (!socket.write(piece)) await once(socket, 'drain');
  const { status } = await answer;
  socket.destroy();
  if (status !== 201) throw new Error(`CREATE ${target}: ${status}`);
}

/** Reads a file or a part of it, both steps. */
export async function getBytes(server, target, client) {
  const first = client ?? (await openClient(server));
  const { location } = await first.ask('GET', target);
  if (client === undefined) first.end();
  const { url, socket, answer } = await follow(location);
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  const { status } = await answer;
  socket.destroy();
  if (status !== 200) throw new Error(`OPEN ${target}: ${status}`);
}

/** Calls per second of `work(index, worker)`, done by so many at once. */
export async function measureRate(count, workers, work) {
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (let index = next++; index < count; index = next++) await work(index, worker);
    }),
  );
  return count / ((performance.now() - began) / 1000);
}

const READ_BUFFER = Buffer.alloc(1024 * 1024);

/** All that comes is read into one buffer, again and again: it costs the least. */
function connectReading(address, receive) {
  const callback = (count, buffer) => {
    receive(buffer.subarray(0, count));
    return true;
  };
  return connect({ ...address, onread: { buffer: READ_BUFFER, callback } });
}

/** A connection of its own to where the first step has led, and what will be answered there. */
async function follow(location) {
  const url = new URL(location);
  const reply = newReply();
  let complete;
  const socket = connectReading({ host: url.hostname, port: Number(url.port) }, (bytes) => {
    reply.add(bytes);
    if (reply.isComplete()) complete(reply);
  });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const answer = new Promise((resolve, reject) => {
    complete = resolve;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed early')));
  });
  return { url, socket, answer };
}

/** An answer as it comes: its head, and how much of its body. */
function newReply() {
  let head = '';
  let body = 0;
  let expected;
  let chunked = false;
  let tail = '';
  const reply = {
    status: 0,
    location: undefined,
    add(bytes) {
      let rest = bytes;
      if (expected === undefined) {
        head += bytes.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        rest = Buffer.from(head.slice(end + 4), 'latin1');
        head = head.slice(0, end);
        readHead();
      }
      body += rest.length;
      if (chunked || expected < 4096) tail = (tail + rest.toString('latin1')).slice(-4096);
    },
    isComplete: () => expected !== undefined && (chunked ? tail.endsWith('0\r\n\r\n') : body >= expected),
    text: () => tail,
  };
  return reply;

  function readHead() {
    reply.status = Number(head.slice(9, 12));
    reply.location = /^location: (.*)$/im.exec(head)?.[1];
    chunked = /^transfer-encoding: chunked/im.test(head);
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    expected = chunked ? 0 : length === undefined ? 0 : Number(length);
    if (reply.status === 100) {
      head = '';
      expected = undefined;
    }
  }
}
