import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Context } from '../../context.ts';

/** Where a Docker engine may listen, and what says so. */
export interface EngineAddress {
  /** `unix:///run/user/1000/docker.sock`, `tcp://10.0.0.1:2376`. */
  readonly address: string;
  /** For a message: `DOCKER_HOST`, `the Docker context colima`. */
  readonly source: string;
  /** A person has asked for this one: no other is tried. */
  readonly isChosen: boolean;
}

/**
 * Every place in which an engine may listen, the most meant one first, as the docker program chooses: DOCKER_HOST,
 * then DOCKER_CONTEXT and the current context of its configuration, then the sockets that engines make by themselves.
 */
export async function engineAddresses(
  context: Pick<Context, 'env' | 'platform'>,
): Promise<readonly EngineAddress[]> {
  const host = context.env['DOCKER_HOST'];
  if (host !== undefined && host !== '') return [{ address: host, source: 'DOCKER_HOST', isChosen: true }];
  const chosen = await chosenContext(context);
  if (chosen !== undefined) return [chosen];
  return knownSockets(context).map(([socket, source]) => ({
    address: `unix://${socket}`,
    source,
    isChosen: false,
  }));
}

async function chosenContext(context: Pick<Context, 'env'>): Promise<EngineAddress | undefined> {
  const folder = context.env['DOCKER_CONFIG'] ?? path.join(home(context), '.docker');
  const name =
    context.env['DOCKER_CONTEXT'] ?? (await readField(path.join(folder, 'config.json'), 'currentContext'));
  if (name === undefined || name === '' || name === 'default') return undefined;
  // As Docker's own store names the folder of a context.
  const digest = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(path.join(folder, 'contexts', 'meta', digest, 'meta.json'));
  const address = endpointOf(meta);
  return address === undefined
    ? undefined
    : { address, source: `the Docker context ${name}`, isChosen: true };
}

function endpointOf(meta: unknown): string | undefined {
  const host = field(field(field(meta, 'Endpoints'), 'docker'), 'Host');
  return typeof host === 'string' ? host : undefined;
}

function knownSockets(context: Pick<Context, 'env' | 'platform'>): readonly (readonly [string, string])[] {
  const runtime = context.env['XDG_RUNTIME_DIR'];
  const own = home(context);
  return [
    ['/var/run/docker.sock', "the engine's usual socket"],
    ...(runtime === undefined ? [] : ([[`${runtime}/docker.sock`, 'rootless Docker']] as const)),
    [`${own}/.docker/run/docker.sock`, 'Docker Desktop'],
    [`${own}/.docker/desktop/docker.sock`, 'Docker Desktop for Linux'],
    [`${own}/.colima/default/docker.sock`, 'Colima'],
    [`${own}/.orbstack/run/docker.sock`, 'OrbStack'],
    [`${own}/.rd/docker.sock`, 'Rancher Desktop'],
    ...(runtime === undefined ? [] : ([[`${runtime}/podman/podman.sock`, 'rootless Podman']] as const)),
    ['/run/podman/podman.sock', 'Podman'],
  ];
}

function home(context: Pick<Context, 'env'>): string {
  return context.env['HOME'] ?? '/';
}

async function readField(file: string, name: string): Promise<string | undefined> {
  const value = field(await readJson(file), name);
  return typeof value === 'string' ? value : undefined;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // A context without its file is one that the docker program does not know either.
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
