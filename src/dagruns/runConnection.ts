import { readJsonLines } from '../platform/jsonLines.ts';
import { connectUnix } from '../platform/unixSocket.ts';
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
  const socket = await connectUnix(socketPath);
  if (socket === undefined) return undefined;
  socket.write(`${JSON.stringify(request)}\n`);
  return {
    events: readJsonLines<RunEvent>(socket),
    cancel: (how) => {
      if (socket.writable) socket.write(`${JSON.stringify({ cancel: how })}\n`);
    },
    close: () => {
      socket.destroy();
    },
  };
}
