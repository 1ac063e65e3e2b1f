import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { foreignHeader, type Refusal } from '../hdfs/web/admission.ts';
import type { LoopbackConnection } from '../platform/peerOwner.ts';
import { killRun } from './killRun.ts';
import { listRuns, type SparkRun } from './runRecords.ts';
import { yarnState } from './yarnState.ts';

export interface ResourceManagerOptions {
  readonly stateDirectory: string;
  readonly platform: NodeJS.Platform;
  /** IPv4, of the loopback network. */
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Names by which clients may call it, besides addresses and `localhost`. */
  readonly names?: () => readonly string[];
  /** Whether the process at the other end of a connection may ask; every one may where this is absent. */
  readonly admits?: ((connection: LoopbackConnection) => Promise<boolean>) | undefined;
}

/**
 * Answers what Airflow's hook, and others, ask of the REST interface of YARN's resource manager for the jobs of a
 * project: an application, all of them, and to kill one. The bodies are those of Hadoop's ResourceManagerRest.md.
 *
 * @throws Error of the system, as `EADDRINUSE`.
 */
export async function serveResourceManager(
  options: ResourceManagerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(options, request)
      .catch((error: unknown) => failure(500, 'RuntimeException', String(error)))
      .then((each) => send(response, each))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const CLUSTER = '/ws/v1/cluster';

async function answer(options: ResourceManagerOptions, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { pathname } = url;
  const { method } = request;
  const refusal = await refusalOf(options, request);
  if (refusal !== undefined) return failure(refusal.status, 'AuthorizationException', refusal.why);
  if (method === 'GET' && (pathname === CLUSTER || pathname === `${CLUSTER}/info`))
    return { status: 200, body: { clusterInfo: { id: 0, state: 'STARTED', haState: 'ACTIVE' } } };
  const runs = await listRuns(options.stateDirectory);
  if (method === 'GET' && pathname === `${CLUSTER}/apps`) {
    const states = url.searchParams.get('states')?.toUpperCase().split(',');
    const app = runs.map(application).filter(({ state }) => states?.includes(state) ?? true);
    return { status: 200, body: { apps: app.length === 0 ? null : { app } } };
  }
  const match = /^\/ws\/v1\/cluster\/apps\/([^/]+)(\/state)?$/.exec(pathname);
  if (match === null) return failure(404, 'NotFoundException', `There is no ${pathname} here.`);
  const run = runs.find(({ id }) => id === match[1]);
  if (run === undefined) return failure(404, 'NotFoundException', `app with id: ${match[1]} not found`);
  if (match[2] === undefined && method === 'GET') return { status: 200, body: { app: application(run) } };
  if (match[2] !== undefined && method === 'GET')
    return { status: 200, body: { state: yarnState(run).state } };
  if (match[2] !== undefined && method === 'PUT') return changeState(options, run, await text(request));
  return failure(405, 'WebApplicationException', `${method} is not allowed.`);
}

/** A page of a web site and another user of the machine could end jobs here. */
async function refusalOf(
  { admits, names }: ResourceManagerOptions,
  { url = '/', headers, socket }: IncomingMessage,
): Promise<Refusal | undefined> {
  const header = (name: string): string | undefined => headers[name]?.toString();
  const foreign = foreignHeader({ target: url, header }, names?.() ?? []);
  if (foreign !== undefined || admits === undefined) return foreign;
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  if (await admits({ localAddress, localPort, remoteAddress, remotePort })) return undefined;
  return {
    status: 403,
    why: 'Jobs are shown to the processes of the user that runs them, and to no others.',
  };
}

async function changeState(
  { platform }: ResourceManagerOptions,
  run: SparkRun,
  body: string,
): Promise<Answer> {
  if (!/"state"\s*:\s*"KILLED"/.test(body))
    return failure(400, 'BadRequestException', 'An application can only be KILLED.');
  await killRun(run, platform);
  return { status: 200, body: { state: 'KILLED' } };
}

function application(run: SparkRun) {
  const { state, final } = yarnState(run);
  return {
    id: run.id,
    name: run.name,
    user: 'devenv',
    queue: 'default',
    applicationType: 'SPARK',
    state,
    finalStatus: final,
    progress: run.endedAt === undefined ? 50 : 100,
    startedTime: run.startedAt,
    finishedTime: run.endedAt ?? 0,
    elapsedTime: (run.endedAt ?? Date.now()) - run.startedAt,
    diagnostics: run.state === 'failed' ? `Exit code ${run.exitCode ?? ''}; devenv spark logs ${run.id}` : '',
  };
}

function failure(status: number, exception: string, message: string): Answer {
  return { status, body: { RemoteException: { exception, message } } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
