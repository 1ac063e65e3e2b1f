import net from 'node:net';
import type { LoopbackConnection } from '../platform/peerOwner.ts';
import { closeStore, openStore } from './store/store.ts';
import { serveConnection } from './web/http/connection.ts';
import { NO_SETTINGS, type ServerSettings } from './web/serverSettings.ts';
import { webHdfs } from './web/webHdfs.ts';

export interface HdfsServerOptions {
  /** The folder with the files. Nobody else may serve it. */
  readonly root: string;
  readonly address: string;
  /** 0 for any free one. */
  readonly ports: readonly number[];
  /** A Unix socket to listen on besides. Whoever may open it is answered. */
  readonly socket?: string;
  /** Who may do everything. */
  readonly superuser: string;
  /** Who asks, where a request names nobody; as in HDFS, `dr.who`. */
  readonly defaultUser?: string;
  /** Smallest size of a block that a client may ask for, in bytes. */
  readonly smallestBlock?: number;
  /** Whether the process at the other end of a connection may ask; every one may where this is absent. */
  readonly admits?: ((connection: LoopbackConnection) => Promise<boolean>) | undefined;
  /** Asked for each connection. */
  readonly settings?: () => ServerSettings;
  readonly log: (line: string) => void;
}

export interface HdfsServer {
  /** In the order in which they were asked for. */
  readonly ports: readonly number[];
  /** Ends every connection. What has been answered is kept. */
  close(): Promise<void>;
}

/**
 * A mock HDFS: WebHDFS on each of the ports, over plain files.
 *
 * @throws Error of the system, as `EADDRINUSE`.
 */
export async function serveHdfs(options: HdfsServerOptions): Promise<HdfsServer> {
  const { root: folder, superuser, smallestBlock } = options;
  let settings = NO_SETTINGS;
  const store = openStore({ folder, superuser, smallestBlock, defaults: () => settings.defaults });
  const { defaultUser = 'dr.who', admits, log } = options;
  const handle = webHdfs({ store, defaultUser, log, settings: () => settings });
  const sockets = new Set<net.Socket>();
  const serve = (socket: net.Socket, may: HdfsServerOptions['admits']): void => {
    settings = options.settings?.() ?? settings;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(socket, { admits: may, handle, onRpc: () => log(NATIVE_CLIENT) });
  };
  const servers: net.Server[] = [];
  const close = async (): Promise<void> => {
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    closeStore(store);
  };
  try {
    for (const port of options.ports)
      servers.push(await listen({ host: options.address, port }, (socket) => serve(socket, admits)));
  } catch (error) {
    await close();
    throw error;
  }
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  if (options.socket !== undefined) {
    servers.push(await listen({ path: options.socket }, (socket) => serve(socket, undefined)));
  }
  return { ports, close };
}

const NATIVE_CLIENT =
  'a native Hadoop client has called, which this server does not speak: in its core-site.xml, ' +
  'fs.hdfs.impl=org.apache.hadoop.hdfs.web.WebHdfsFileSystem is missing';

async function listen(
  place: net.ListenOptions,
  onConnection: (socket: net.Socket) => void,
): Promise<net.Server> {
  // Clients may close their side and still read.
  const server = net.createServer({ allowHalfOpen: true }, onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...place, backlog: 1024 }, resolve);
  });
  return server;
}
