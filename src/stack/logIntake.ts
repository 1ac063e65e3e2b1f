import type net from 'node:net';
import { listenUnix } from '../platform/unixSocket.ts';

/** A service may print bytes without end and without a line break. */
const LONGEST_LINE = 64 * 1024;

/**
 * Takes what services print. A service connects, writes one line `{"service": …, "pid": …}` and from then on what
 * it prints.
 *
 * @returns closes the socket; what is still connected goes on until it ends.
 */
export async function openLogIntake(
  socketPath: string,
  onLine: (service: string, text: string) => void,
): Promise<() => void> {
  const server = await listenUnix(socketPath, (socket) => take(socket, onLine));
  return () => server.close();
}

function take(socket: net.Socket, onLine: (service: string, text: string) => void): void {
  let service: string | undefined;
  // A service that is killed resets its connection; its end is told by whoever waits for it.
  socket.on('error', () => {});
  const split = lineSplitter((line) => {
    if (service === undefined) service = serviceOf(line) ?? '';
    else if (service !== '') onLine(service, line);
  });
  socket.setEncoding('utf8').on('data', split);
  socket.once('end', () => split('\n'));
}

/**
 * Cuts a stream of text into lines. The rest of a line that is too long is dropped, so that what has no line break
 * costs no memory.
 */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let pending = '';
  let isCut = false;
  return (text) => {
    const [first = '', ...others] = text.split(/\r?\n/);
    if (!isCut) pending += first;
    for (const next of others) {
      if (!isCut && pending !== '') onLine(shortened(pending));
      [pending, isCut] = [next, false];
    }
    if (pending.length <= LONGEST_LINE) return;
    onLine(shortened(pending));
    [pending, isCut] = ['', true];
  };
}

function shortened(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

function serviceOf(header: string): string | undefined {
  try {
    const { service } = JSON.parse(header) as { service?: unknown };
    return typeof service === 'string' ? service : undefined;
  } catch {
    return undefined;
  }
}
