import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from '../../src/context.ts';
import type { HdfsBody, HdfsFiles, HdfsStatus } from '../../src/hdfs/client/hdfsFiles.ts';

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'devenv-artifacts-'));
}

export function testContext(folder: string): Context {
  return {
    env: { AIRFLOW_DEVENV_CACHE: path.join(folder, 'cache') },
    platform: process.platform,
    workingDirectory: folder,
    now: Date.now,
    emit: () => {},
    signal: AbortSignal.timeout(30_000),
  };
}

export interface TestServer {
  readonly url: string;
  /** Of each request: its path and, where it asks for the rest of a file, from which byte. */
  readonly requests: { readonly path: string; readonly range: string | undefined }[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server of files on loopback. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', range: request.headers.range });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As much of HDFS as artifacts need, in memory. */
export class FakeHdfs implements Pick<HdfsFiles, 'status' | 'exists' | 'create' | 'replace'> {
  readonly files = new Map<string, { readonly body: Buffer; readonly modificationTime: number }>();
  #clock = 1000;

  async status(file: string): Promise<HdfsStatus | undefined> {
    const found = this.files.get(file);
    if (found === undefined) return undefined;
    const { body, modificationTime } = found;
    return {
      name: '',
      type: 'FILE',
      length: body.length,
      owner: 'me',
      group: 'me',
      permission: '644',
      hasAcl: false,
      replication: 1,
      blockSize: 1,
      modificationTime,
      accessTime: modificationTime,
    };
  }

  async exists(file: string): Promise<boolean> {
    return this.files.has(file);
  }

  async create(file: string, body: HdfsBody): Promise<void> {
    const chunks: Buffer[] = [];
    if (typeof body === 'string' || body instanceof Uint8Array) chunks.push(Buffer.from(body));
    else for await (const chunk of body) chunks.push(Buffer.from(chunk));
    this.files.set(file, { body: Buffer.concat(chunks), modificationTime: (this.#clock += 1) });
  }

  async replace(from: string, to: string): Promise<void> {
    const found = this.files.get(from);
    if (found === undefined) throw new Error(`there is no ${from}`);
    this.files.delete(from);
    this.files.set(to, found);
  }

  text(file: string): string | undefined {
    return this.files.get(file)?.body.toString();
  }

  /** The whole interface, of which artifacts use what is here. */
  get all(): HdfsFiles {
    return this as unknown as HdfsFiles;
  }
}

/** A file of artifacts in a folder, and the settings of a project that names it. */
export async function declare(folder: string, text: string, maven: readonly string[] = []) {
  const file = path.join(folder, 'artifacts.yaml');
  await writeFile(file, text);
  const stateDirectory = path.join(folder, '.devenv');
  return { stateDirectory, artifacts: { file, overrides: path.join(folder, 'overrides'), maven } };
}
