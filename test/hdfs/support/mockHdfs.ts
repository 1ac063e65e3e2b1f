import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type HdfsServer, type HdfsServerOptions, serveHdfs } from '../../../src/hdfs/serveHdfs.ts';

export interface MockHdfs {
  /** As `http://127.0.0.1:40000`. */
  readonly address: string;
  readonly port: number;
  readonly folder: string;
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Our server, in this process, on a folder that goes with it. */
export async function startMockHdfs(options: Partial<HdfsServerOptions> = {}): Promise<MockHdfs> {
  const folder = options.root ?? (await mkdtemp(path.join(os.tmpdir(), 'mock-hdfs-')));
  const log: string[] = [];
  const server: HdfsServer = await serveHdfs({
    root: folder,
    address: '127.0.0.1',
    ports: [0],
    superuser: os.userInfo().username,
    smallestBlock: 1024,
    log: (line) => log.push(line),
    ...options,
  });
  const port = server.ports[0]!;
  const close = async (): Promise<void> => {
    await server.close();
    if (options.root === undefined) await rm(folder, { recursive: true, force: true });
  };
  return { address: `http://127.0.0.1:${port}`, port, folder, log, close };
}

/** The same for one test: it ends with it. */
export async function mockHdfsForTest(options: Partial<HdfsServerOptions> = {}): Promise<MockHdfs> {
  const mock = await startMockHdfs(options);
  onTestFinished(() => mock.close());
  return mock;
}
