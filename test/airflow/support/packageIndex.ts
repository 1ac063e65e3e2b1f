import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Release, wheel, wheelName } from './wheel.ts';

export interface PackageIndex {
  /** Of the index, to be given as UV_DEFAULT_INDEX. */
  readonly url: string;
  readonly requests: readonly string[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A package index on this machine that holds these releases, with the times at which it received them. */
export async function packageIndex(
  releases: readonly Release[],
  options: { readonly login?: string } = {},
): Promise<PackageIndex> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const login = Buffer.from(request.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64');
    if (options.login !== undefined && login.toString() !== options.login) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end();
    } else {
      answer(releases, request, response);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(releases: readonly Release[], request: IncomingMessage, response: ServerResponse): void {
  const [, kind, name = ''] = (request.url ?? '').split('/');
  const file = kind === 'files' ? releases.find((each) => wheelName(each) === name) : undefined;
  if (file !== undefined) {
    response.end(wheel(file));
    return;
  }
  const found = kind === 'simple' ? releases.filter((each) => each.name === name) : [];
  if (found.length === 0) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
  response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name, files: found.map(entry) }));
}

function entry(release: Release): object {
  return {
    'filename': wheelName(release),
    'url': `/files/${wheelName(release)}`,
    'hashes': {},
    'yanked': release.yanked ?? false,
    'upload-time': release.uploaded ?? '2026-01-01T00:00:00Z',
    ...(release.requiresPython === undefined ? {} : { 'requires-python': release.requiresPython }),
  };
}
