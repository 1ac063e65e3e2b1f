import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Context } from '../../context.ts';
import { DevenvError } from '../../errors.ts';
import { engineAddresses, type EngineAddress } from './engineAddresses.ts';

export interface Engine {
  readonly docker: Docker;
  readonly address: string;
  /** The docker program, and what calls it, reach the same engine with these. */
  readonly variables: Readonly<Record<string, string>>;
}

/** An engine that is there answers in milliseconds; one in a virtual machine that sleeps takes a moment. */
const ANSWER_MS = 5_000;

/**
 * The Docker engine of this machine.
 *
 * @throws DevenvError `engine_not_found` with every place that was tried, and why it was not that one.
 */
export async function connectToEngine(context: Pick<Context, 'env' | 'platform'>): Promise<Engine> {
  const failures: string[] = [];
  for (const candidate of await engineAddresses(context)) {
    try {
      const docker = await client(candidate.address, context.env);
      await answer(docker);
      return { docker, address: candidate.address, variables: variablesFor(candidate, context.env) };
    } catch (error) {
      failures.push(`${candidate.source} (${candidate.address}): ${reasonOf(error)}`);
    }
  }
  throw new DevenvError({
    code: 'engine_not_found',
    what: 'No Docker engine answers on this machine.',
    why: `Tried ${failures.join('; ')}.`,
    next: [
      'Start Docker (Docker Engine, Docker Desktop, Colima or Podman), then run the same command again',
      'DOCKER_HOST names an engine that listens elsewhere',
    ],
  });
}

async function answer(docker: Docker): Promise<void> {
  const late = new AbortController();
  try {
    await Promise.race([
      docker.ping(),
      sleep(ANSWER_MS, undefined, { signal: late.signal }).then(() => {
        throw new Error(`no answer within ${ANSWER_MS / 1000} s`);
      }),
    ]);
  } finally {
    late.abort();
  }
}

async function client(address: string, env: Context['env']): Promise<Docker> {
  const { default: DockerClient } = await import('dockerode');
  const url = new URL(address);
  if (url.protocol === 'unix:') return new DockerClient({ socketPath: url.pathname });
  if (url.protocol !== 'tcp:' && url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`${url.protocol.slice(0, -1)} addresses are not supported`);
  }
  return new DockerClient({
    host: url.hostname,
    port: Number(url.port || 2375),
    protocol: env['DOCKER_TLS_VERIFY'] ? 'https' : 'http',
  });
}

function variablesFor(candidate: EngineAddress, env: Context['env']): Readonly<Record<string, string>> {
  // What a person has chosen reaches the programs by their own environment.
  return candidate.isChosen && env['DOCKER_HOST'] === undefined && env['DOCKER_CONTEXT'] === undefined
    ? {}
    : { DOCKER_HOST: candidate.address };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT') return 'there is no such socket';
  if (code === 'ECONNREFUSED') return 'nothing listens';
  if (code === 'EACCES') return 'this user may not connect to it (is in no group docker)';
  return error instanceof Error ? error.message : String(error);
}
