import net from 'node:net';

/** A connection on which a test says exactly what it wants. */
export interface RawConnection {
  send(text: string | Buffer): void;
  /** All that has come so far. */
  readonly received: () => string;
  /** Waits until what has come contains this. */
  until(text: string): Promise<string>;
  /** Waits for the end of the connection. */
  readonly closed: Promise<string>;
  /** Ends it at once, without a farewell. */
  drop(): void;
}

export async function connectRaw(port: number): Promise<RawConnection> {
  const socket = net.connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let received = '';
  const waiting = new Set<() => void>();
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    for (const each of waiting) each();
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => {
      for (const each of waiting) each();
      resolve(received);
    });
  });
  return {
    send: (text) => void socket.write(text),
    received: () => received,
    closed,
    drop: () => void socket.resetAndDestroy(),
    async until(text) {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (received.includes(text)) resolve();
          else if (socket.destroyed) reject(new Error(`closed before ${JSON.stringify(text)}: ${received}`));
        };
        waiting.add(look);
        look();
      });
      return received;
    },
  };
}
