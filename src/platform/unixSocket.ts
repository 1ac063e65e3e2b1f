import { rm } from 'node:fs/promises';
import net from 'node:net';

/**
 * Connects to a Unix socket.
 *
 * @returns undefined when nobody listens there.
 */
export async function connectUnix(socketPath: string): Promise<net.Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath);
    socket.once('connect', () => {
      socket.off('error', failed);
      // The other side may be killed at any moment; what is read ends then, which says it.
      socket.on('error', () => {});
      resolve(socket);
    });
    const failed = (error: NodeJS.ErrnoException): void => {
      if (NOBODY.has(error.code ?? '')) resolve(undefined);
      else reject(error);
    };
    socket.once('error', failed);
  });
}

/** The last of them: it was just about to end. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET']);

/**
 * Listens at a Unix socket that only this user may connect to; what an earlier process left there is replaced.
 * The caller makes sure that nobody else listens there, by a lock.
 */
export async function listenUnix(
  socketPath: string,
  onConnection: (socket: net.Socket) => void,
): Promise<net.Server> {
  await rm(socketPath, { force: true });
  const server = net.createServer(onConnection);
  // The folder is 0700; the mask keeps the socket itself to its owner from the first moment on.
  const previous = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
  } finally {
    process.umask(previous);
  }
  return server;
}
