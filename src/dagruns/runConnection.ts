import net from 'node:net';
import type { RunEvent } from './events.ts';

/** One run in progress, wherever it happens. */
export interface RunConnection {
  /** Ends after `exit`, or without one when the other side was killed. */
  readonly events: AsyncIterable<RunEvent>;
  /** Asks the run to stop; `force` kills it. */
  cancel(how: 'graceful' | 'force'): void;
  close(): void;
}

/**
 * Sends a request to the runner at a Unix socket.
 *
 * @returns undefined when nobody listens there.
 */
export async function connectToRunner(
  socketPath: string,
  request: Readonly<Record<string, unknown>>,
): Promise<RunConnection | undefined> {
  const socket = await connect(socketPath);
  if (socket === undefined) return undefined;
  socket.write(`${JSON.stringify(request)}\n`);
  return {
    events: readEvents(socket),
    cancel: (how) => {
      if (socket.writable) socket.write(`${JSON.stringify({ cancel: how })}\n`);
    },
    close: () => {
      socket.destroy();
    },
  };
}

async function connect(socketPath: string): Promise<net.Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath);
    socket.once('connect', () => {
      socket.off('error', failed);
      // The other side may be killed at any moment; the events end then, which says it.
      socket.on('error', () => {});
      resolve(socket);
    });
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    };
    socket.once('error', failed);
  });
}

/** NDJSON to events. A last line that was cut off by a kill is dropped. */
export async function* readEvents(source: AsyncIterable<Buffer>): AsyncGenerator<RunEvent> {
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for await (const chunk of source) {
      pending += decoder.decode(chunk, { stream: true });
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as RunEvent;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}
