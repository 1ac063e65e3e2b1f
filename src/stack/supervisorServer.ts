import type net from 'node:net';
import { DevenvError } from '../errors.ts';
import { listenUnix } from '../platform/unixSocket.ts';
import { STACK_EVENTS_VERSION, type StackEvent } from './events.ts';
import type { RequestEnd, StackRequest } from './protocol.ts';

/** An event without what every event has. */
export type StackNews = StackEvent extends infer Event
  ? Event extends StackEvent
    ? Omit<Event, 'v' | 'time'>
    : never
  : never;

export interface Answer {
  readonly send: (news: StackNews) => void;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** A client that reads slower than a stack talks is let go before it costs memory without end. */
const LONGEST_BACKLOG_BYTES = 16 * 1024 * 1024;

/**
 * Answers requests on the supervisor's socket: one a connection.
 *
 * @returns closes the socket and every connection.
 */
export async function serveRequests(
  socketPath: string,
  handle: (request: StackRequest, answer: Answer) => Promise<void>,
): Promise<() => void> {
  const sockets = new Set<net.Socket>();
  const server = await listenUnix(socketPath, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    void serve(socket, handle);
  });
  return () => {
    server.close();
    for (const socket of sockets) socket.destroySoon();
  };
}

/** Longer than the names of all files of a large repository; what is longer is no request. */
const LONGEST_REQUEST = 16 * 1024 * 1024;

/** @returns undefined when the client has gone before the end of the line, or the line has none. */
async function firstLine(socket: net.Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      const end = chunk.indexOf(0x0a);
      chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
      length += chunk.length;
      if (end === -1 && length <= LONGEST_REQUEST) return;
      // The answer is all that follows; the rest is read and thrown away, so that the end of the client is seen.
      socket.off('data', take).resume();
      resolve(end === -1 ? undefined : Buffer.concat(chunks).toString('utf8'));
    };
    socket.on('data', take);
    socket.once('close', () => resolve(undefined));
  });
}

async function serve(
  socket: net.Socket,
  handle: (request: StackRequest, answer: Answer) => Promise<void>,
): Promise<void> {
  const line = await firstLine(socket);
  if (line === undefined) socket.destroy();
  else await answer(socket, line, handle);
}

async function answer(
  socket: net.Socket,
  line: string,
  handle: (request: StackRequest, answer: Answer) => Promise<void>,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const write = (message: StackEvent | RequestEnd): void => {
    if (!socket.writable) return;
    if (socket.writableLength > LONGEST_BACKLOG_BYTES) socket.destroy();
    else socket.write(`${JSON.stringify(message)}\n`);
  };
  const send = (news: StackNews): void => write({ v: STACK_EVENTS_VERSION, time: Date.now(), ...news });
  try {
    await handle(JSON.parse(line) as StackRequest, { send, signal: gone.signal });
    write({ event: 'end', ok: true });
  } catch (error) {
    write({ event: 'end', ok: false, error: errorFields(error) });
  }
  socket.end();
}

function errorFields(error: unknown): NonNullable<RequestEnd['error']> & { misuse?: boolean } {
  if (!(error instanceof DevenvError)) {
    return { code: 'supervisor_bug', what: 'The supervisor failed.', why: String(error) };
  }
  const { code, what, why, next, misuse } = error;
  return { code, what, next, misuse, ...(why === undefined ? {} : { why }) };
}
