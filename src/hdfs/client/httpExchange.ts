import type { Agent, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DevenvError } from '../../errors.ts';
import type { HdfsBody } from './hdfsFiles.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly url: string;
  readonly body?: HdfsBody;
}

/**
 * One HTTP request to the project's server; redirects are the caller's matter. Bodies go both ways as streams, so
 * that files may be larger than memory.
 *
 * @param agent keeps connections for the next request.
 * @throws DevenvError `hdfs_unreachable`; what reading the body throws.
 */
export async function exchange({ method, url, body }: HttpRequest, agent: Agent): Promise<IncomingMessage> {
  const outgoing = http().request(url, { method, agent, headers: headersOf(method, body) });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  let readingFailed: unknown;
  if (body === undefined || isWhole(body)) outgoing.end(body);
  else {
    const told = (error: unknown): void => {
      readingFailed = error;
    };
    // A server that refuses a body answers before it has read it; that answer says more than the broken connection.
    pipeline(Readable.from(noticing(body, told)), outgoing).catch(() => {});
  }
  try {
    return await answered;
  } catch (error) {
    if (readingFailed !== undefined) throw readingFailed;
    throw unreachable(url, error);
  }
}

/** Keeps connections open between requests, and lets the process end with them open. */
export function keepingConnections(): Agent {
  return new (http().Agent)({ keepAlive: true, maxFreeSockets: 8 });
}

/** As an ES module it brings Node's fetch along, which takes as long to load as everything else here. */
function http(): typeof import('node:http') {
  return process.getBuiltinModule('node:http');
}

/** The whole of an answer; those of WebHDFS other than a file's contents are small. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(method: string, body: HdfsBody | undefined): Record<string, string | number> {
  if (body === undefined) return method === 'GET' || method === 'DELETE' ? {} : { 'Content-Length': 0 };
  const type = { 'Content-Type': 'application/octet-stream' };
  return isWhole(body)
    ? { ...type, 'Content-Length': Buffer.byteLength(body) }
    : { ...type, 'Transfer-Encoding': 'chunked' };
}

function isWhole(body: HdfsBody): body is Uint8Array | string {
  return typeof body === 'string' || body instanceof Uint8Array;
}

async function* noticing(
  body: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    onError(error);
    throw error;
  }
}

function unreachable(url: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'hdfs_unreachable',
    what: `The project's HDFS at ${new URL(url).host} does not answer.`,
    why: cause instanceof Error ? `${cause.message}.` : String(cause),
    next: ['devenv hdfs ls / starts it when it does not run', '.devenv/logs/hdfs.log may say why it ended'],
    cause,
  });
}
