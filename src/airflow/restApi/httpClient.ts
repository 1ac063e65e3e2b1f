import { DevenvError } from '../../errors.ts';

export interface HttpClientOptions {
  /** Of the server, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly accessKey: string;
  readonly fetch: typeof fetch;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH';
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpClient {
  /** @param path what `apiPath` gives. */
  text(path: string, request?: HttpRequest): Promise<string>;
  json(path: string, request?: HttpRequest): Promise<unknown>;
}

/** A task's log may be read from another process' disk first. */
const TIMEOUT_MS = 20_000;

/**
 * @throws DevenvError (from its functions) `airflow_unreachable` when nobody answers in time, `airflow_refused`
 * with Airflow's own words when it answers with an error; the signal's reason when aborted.
 */
export function httpClient(options: HttpClientOptions): HttpClient {
  async function text(path: string, request: HttpRequest = {}): Promise<string> {
    const response = await send(options, path, request);
    const body = await bodyOf(options, response, request);
    if (!response.ok) throw refused(response, body);
    return body;
  }
  return {
    text,
    json: async (path, request) => {
      const body = await text(path, request);
      try {
        return JSON.parse(body) as unknown;
      } catch (error) {
        throw unreachable(options.url, 'It answered with something that is not JSON: is it Airflow?', error);
      }
    },
  };
}

/** Names become parts of a path, whatever is in them: ids of DAG runs hold `+` and `:`, those of DAGs any letter. */
export function apiPath(strings: TemplateStringsArray, ...names: readonly (string | number)[]): string {
  return strings.reduce((path, part, index) => `${path}${encodeURIComponent(names[index - 1] ?? '')}${part}`);
}

async function send(options: HttpClientOptions, path: string, request: HttpRequest): Promise<Response> {
  const { method = 'GET', query = {}, body, accept = 'application/json', signal } = request;
  signal?.throwIfAborted();
  const url = new URL(`${options.url.replace(/\/$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await options.fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${options.accessKey}`,
        Accept: accept,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect leads to a page to log in at, not to an answer.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(options.url, reasonOf(error), error);
  }
}

async function bodyOf(options: HttpClientOptions, response: Response, request: HttpRequest): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    request.signal?.throwIfAborted();
    throw unreachable(options.url, reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `It took longer than ${TIMEOUT_MS / 1000} s.`;
  // fetch only says that it failed; the reason is inside.
  const inner = error.cause instanceof Error ? error.cause : error;
  return `${inner.message === '' ? inner.name : inner.message}.`;
}

function unreachable(url: string, why: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'airflow_unreachable',
    what: `Airflow at ${url} does not answer.`,
    why,
    next: ['devenv status shows what runs', 'devenv logs api-server shows what it says'],
    cause,
  });
}

function refused(response: Response, body: string): DevenvError {
  const permission = response.status === 401 || response.status === 403;
  return new DevenvError({
    code: 'airflow_refused',
    what: permission ? 'Airflow does not let us in.' : 'Airflow refused the request.',
    why: `${detailOf(body) ?? response.statusText} (HTTP ${response.status})`,
    ...(permission ? { next: ['Is this the stack of this project? devenv status shows its address'] } : {}),
  });
}

const LONGEST_DETAIL = 500;

/** 3.x: `{"detail": "…"}` or a list of what is wrong with each field. 2.x: a problem with `detail` and `title`. */
function detailOf(body: string): string | undefined {
  try {
    const { detail, title } = JSON.parse(body) as { detail?: unknown; title?: unknown };
    const found = detail === undefined || detail === null ? title : detail;
    if (found === undefined || found === null) return undefined;
    const text =
      typeof found === 'string'
        ? found
        : Array.isArray(found)
          ? found.map(fieldError).join('; ')
          : reasonIn(found);
    return text.slice(0, LONGEST_DETAIL);
  } catch {
    return undefined;
  }
}

function fieldError(found: unknown): string {
  const { msg, loc } = found as { msg?: unknown; loc?: unknown };
  return typeof msg !== 'string'
    ? JSON.stringify(found)
    : `${Array.isArray(loc) ? `${loc.join('.')}: ` : ''}${msg}`;
}

/** 3.x answers `{"reason": "Unique constraint violation", "statement": …}`: SQL helps nobody here. */
function reasonIn(found: unknown): string {
  const { reason } = found as { reason?: unknown };
  return typeof reason === 'string' ? reason : JSON.stringify(found);
}
