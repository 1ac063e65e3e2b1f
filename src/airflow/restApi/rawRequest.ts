import { DevenvError } from '../../errors.ts';

export const API_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type ApiMethod = (typeof API_METHODS)[number];

export interface RawRequest {
  /** Of the server, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly accessKey: string;
  readonly airflowVersion: string;
  readonly method: ApiMethod;
  /** With a leading slash as it is; without one below the REST API of this Airflow, `dags?limit=1`. */
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

export interface RawAnswer {
  readonly ok: boolean;
  /** `404 Not Found`. */
  readonly status: string;
  readonly body: Uint8Array;
}

/**
 * One request to a project's Airflow, answered with whatever that says.
 *
 * @throws DevenvError `airflow_unreachable`, `usage` for a path that leads elsewhere; the signal's reason when aborted.
 */
export async function rawRequest(request: RawRequest): Promise<RawAnswer> {
  const { method, body, signal } = request;
  const url = addressOf(request);
  try {
    const response = await request.fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${request.accessKey}`,
        Accept: 'application/json, */*;q=0.5',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      // The key is for this server, wherever it sends us.
      redirect: 'manual',
      signal,
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { ok: response.ok, status: `${response.status} ${response.statusText}`.trim(), body: bytes };
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new DevenvError({
      code: 'airflow_unreachable',
      what: `Airflow at ${request.url} does not answer.`,
      why: cause instanceof Error ? `${cause.message || cause.name}.` : String(cause),
      next: ['devenv status shows what runs', 'devenv logs api-server shows what it says'],
      cause: error,
    });
  }
}

function addressOf({ url, path, airflowVersion }: RawRequest): URL {
  const root = airflowVersion.startsWith('2.') ? '/api/v1/' : '/api/v2/';
  // `//` begins the name of another server.
  const isPath = !path.startsWith('//') && !/^[a-z][a-z\d+.-]*:/i.test(path);
  const address = isPath ? new URL(path.startsWith('/') ? path : `${root}${path}`, url) : undefined;
  if (address !== undefined && address.origin === new URL(url).origin) return address;
  throw new DevenvError({
    code: 'usage',
    what: `${path} is not a path of this Airflow.`,
    why: `The key is sent to ${url} only.`,
    next: [`devenv api ${root}dags`, 'devenv api dags'],
    misuse: true,
  });
}
