import type { Agent, IncomingMessage } from 'node:http';
import { DevenvError } from '../../errors.ts';
import type { HdfsBody } from './hdfsFiles.ts';
import { keepingConnections, exchange, readText, type HttpRequest } from './httpExchange.ts';
import { remoteError } from './remoteException.ts';

export type Verb = HttpRequest['method'];

/** Parameters of an operation; those that are undefined are left out. */
export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

export interface WebHdfsOptions {
  /** `http://127.71.3.9:9870` */
  readonly url: string;
  readonly user: string;
}

/**
 * The WebHDFS REST protocol, as Apache Hadoop documents it in "WebHDFS REST API": one method for operations that
 * answer with JSON, one for reading and one for writing a file.
 *
 * All throw DevenvError `hdfs_unreachable`, and `hdfs_refused` with a `RemoteException` as its cause.
 */
export class WebHdfs {
  readonly user: string;
  readonly #base: string;
  readonly #agent: Agent;

  constructor({ url, user }: WebHdfsOptions) {
    this.#base = `${url}/webhdfs/v1`;
    this.#agent = keepingConnections();
    this.user = user;
  }

  /** @returns the answer's JSON; undefined for an answer without a body. */
  async ask<T>(verb: Verb, op: string, path: string, parameters: Parameters = {}): Promise<T> {
    const first = await this.#send({ method: verb, url: this.#url(op, path, parameters) });
    // GETFILECHECKSUM is redirected to a DataNode, as reading is.
    const response = isRedirect(first) ? await this.#follow(first, { method: verb }) : first;
    const text = await this.#success(response);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Bytes of a file; the caller reads them all, or destroys the stream. */
  async read(path: string, range: { offset?: number; length?: number } = {}): Promise<IncomingMessage> {
    const first = await this.#send({ method: 'GET', url: this.#url('OPEN', path, range) });
    const response = isRedirect(first) ? await this.#follow(first, { method: 'GET' }) : first;
    if (response.statusCode !== 200) await this.#success(response);
    return response;
  }

  /** CREATE (PUT) or APPEND (POST): the server is asked where to, and gets the bytes there. */
  async write(
    op: 'CREATE' | 'APPEND',
    path: string,
    body: HdfsBody,
    parameters: Parameters = {},
  ): Promise<void> {
    const method = op === 'CREATE' ? 'PUT' : 'POST';
    const first = await this.#send({ method, url: this.#url(op, path, parameters) });
    if (!isRedirect(first)) {
      await this.#success(first);
      throw new DevenvError({
        code: 'hdfs_protocol',
        what: `HDFS took ${path} without asking for its contents.`,
      });
    }
    await this.#success(await this.#follow(first, { method, body }));
  }

  /** Closes the connections that were kept. */
  close(): void {
    this.#agent.destroy();
  }

  #send(request: HttpRequest): Promise<IncomingMessage> {
    return exchange(request, this.#agent);
  }

  async #follow(
    redirect: IncomingMessage,
    { method, body }: { readonly method: Verb; readonly body?: HdfsBody },
  ): Promise<IncomingMessage> {
    await readText(redirect);
    const url = redirect.headers.location ?? '';
    return this.#send({ method, url, ...(body === undefined ? {} : { body }) });
  }

  async #success(response: IncomingMessage): Promise<string> {
    const text = await readText(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw remoteError(status, text);
    return text;
  }

  #url(op: string, path: string, parameters: Parameters): string {
    const query = new URLSearchParams({ op, 'user.name': this.user });
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) query.append(name, String(value));
    }
    return `${this.#base}${encodePath(path)}?${query.toString()}`;
  }
}

/** Everything but the slashes. Names `.` and `..` are resolved on the way, as Hadoop's own clients do it. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function isRedirect(response: IncomingMessage): boolean {
  return response.statusCode === 307;
}
