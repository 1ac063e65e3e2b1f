import http from 'node:http';

/** A request of WebHDFS, both steps of it where there are two. */
export interface WebHdfsRequest {
  readonly verb: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Percent-encoded where it has to be. */
  readonly path: string;
  readonly query: string;
  readonly body?: string | Buffer;
}

export interface WebHdfsAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether there was a first step that sent us on. */
  readonly redirected: boolean;
}

const agent = new http.Agent({ keepAlive: true });

/** Asks, and goes where the answer sends to, as curl does with `-L`. The body is for the second step. */
export async function ask(base: string, request: WebHdfsRequest): Promise<WebHdfsAnswer> {
  const { verb, path, query, body } = request;
  const first = await send(verb, `${base}/webhdfs/v1${path}?${query}`, undefined);
  if (first.status !== 307) return { ...first, redirected: false };
  const second = await send(verb, first.headers.location!, body ?? (verb === 'GET' ? undefined : ''));
  return { ...second, redirected: true };
}

/** One step. */
export async function send(
  verb: string,
  address: string,
  body: string | Buffer | undefined,
): Promise<Omit<WebHdfsAnswer, 'redirected'>> {
  const url = new URL(address);
  // As it stands: URL would take `..` out of the path.
  const path = address.slice(url.origin.length);
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = {};
    if (body !== undefined) headers['Content-Type'] = 'application/octet-stream';
    if (verb !== 'GET') headers['Content-Length'] = body === undefined ? 0 : Buffer.byteLength(body);
    const options = { hostname: url.hostname, port: url.port, path, method: verb, agent, headers };
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
