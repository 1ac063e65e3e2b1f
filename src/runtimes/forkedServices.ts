import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevenvError } from '../errors.ts';
import { readJsonLines } from '../platform/jsonLines.ts';
import { killFamilies } from '../platform/processTree.ts';
import { connectUnix } from '../platform/unixSocket.ts';
import type { Launch, ProcessEnd, ServiceLauncher, ServiceProcess } from './runtime.ts';

/** What the preloaded process says on its control socket; its side is `airflow_devenv/control_server.py`. */
type ControlEvent =
  | { readonly event: 'hello'; readonly pid: number; readonly services: readonly string[] }
  | { readonly event: 'forked'; readonly id: number; readonly pid: number }
  | { readonly event: 'failed'; readonly id: number; readonly what: string }
  | {
      readonly event: 'exited';
      readonly pid: number;
      readonly code: number | null;
      readonly signal: string | null;
    };

/**
 * Connects to the preloaded process's control socket. When this connection ends, so do the services that were
 * forked through it.
 *
 * @returns undefined when nobody listens there, or the signal is aborted: it is silent while it loads a part of
 *   Airflow, and for ever when somebody has stopped it.
 */
export async function connectToPreload(
  controlSocket: string,
  platform: NodeJS.Platform,
  signal: AbortSignal,
): Promise<ServiceLauncher | undefined> {
  const deadline = performance.now() + OTHERS_MS;
  for (;;) {
    const socket = await connectUnix(controlSocket);
    if (socket === undefined) return undefined;
    const launcher = new ForkedServices(socket, platform);
    const others = await launcher.greeting(signal);
    if (others === undefined) return undefined;
    // Of a supervisor that was killed: they are just being ended, and nobody may run beside them.
    if (others.length === 0 || performance.now() > deadline) return launcher;
    launcher.close();
    await sleep(OTHERS_STEP_MS);
  }
}

const [OTHERS_MS, OTHERS_STEP_MS] = [10_000, 50];

class ForkedServices implements ServiceLauncher {
  readonly #socket: net.Socket;
  readonly #platform: NodeJS.Platform;
  readonly #forks = new Map<number, PromiseWithResolvers<ServiceProcess>>();
  readonly #running = new Map<number, PromiseWithResolvers<ProcessEnd>>();
  readonly #greeting = Promise.withResolvers<readonly string[] | undefined>();
  readonly lost: Promise<void>;
  preloadPid: number | undefined;
  #lastId = 0;

  constructor(socket: net.Socket, platform: NodeJS.Platform) {
    this.#socket = socket;
    this.#platform = platform;
    this.lost = this.#read();
  }

  /** The services that it has for others; undefined when it has gone. */
  async greeting(signal: AbortSignal): Promise<readonly string[] | undefined> {
    const close = (): void => this.close();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    try {
      return await this.#greeting.promise;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  async launch(launch: Launch): Promise<ServiceProcess> {
    this.#lastId += 1;
    const forked = Promise.withResolvers<ServiceProcess>();
    this.#forks.set(this.#lastId, forked);
    if (!this.#socket.writable) throw preloadEnded();
    this.#socket.write(`${JSON.stringify(forkMessage(this.#lastId, launch))}\n`);
    return forked.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #read(): Promise<void> {
    try {
      for await (const event of readJsonLines<ControlEvent>(this.#socket)) this.#dispatch(event);
    } catch {
      // Destroyed by us, or cut off in the middle of a line: over in either case.
    }
    this.#greeting.resolve(undefined);
    for (const fork of this.#forks.values()) fork.reject(preloadEnded());
    this.#forks.clear();
    // The kernel has asked them to end; a scheduler would first wait for its tasks, whose results nobody takes.
    await killFamilies([...this.#running.keys()], this.#platform);
    for (const end of this.#running.values()) end.resolve({ signal: 'the end of the preloaded process' });
    this.#running.clear();
  }

  #dispatch(event: ControlEvent): void {
    switch (event.event) {
      case 'hello':
        this.preloadPid = event.pid;
        return this.#greeting.resolve(event.services);
      case 'forked':
        return this.#forked(event.id, event.pid);
      case 'failed':
        this.#forks.get(event.id)?.reject(notForked(event.what));
        this.#forks.delete(event.id);
        return;
      case 'exited':
        this.#running
          .get(event.pid)
          ?.resolve({ code: event.code ?? undefined, signal: event.signal ?? undefined });
        this.#running.delete(event.pid);
    }
  }

  #forked(id: number, pid: number): void {
    const end = Promise.withResolvers<ProcessEnd>();
    this.#running.set(pid, end);
    this.#forks.get(id)?.resolve({ pid, ended: end.promise });
    this.#forks.delete(id);
  }
}

/** As both `airflow_devenv/control_server.py` and `airflow_devenv/service.py` read it. */
export function forkMessage(id: number, launch: Launch): Record<string, unknown> {
  return {
    kind: 'fork',
    id,
    service: launch.service,
    environment: launch.environment,
    import_paths: launch.importPaths,
    plugins_folders: launch.pluginsFolders,
    log_socket: launch.logSocket,
    port: launch.port ?? null,
  };
}

function preloadEnded(): DevenvError {
  return new DevenvError({
    code: 'preload_ended',
    what: 'The preloaded process has ended.',
    why: 'It was killed, or ran out of memory.',
    next: ['devenv logs preload shows what it said'],
  });
}

function notForked(why: string): DevenvError {
  return new DevenvError({
    code: 'service_not_forked',
    what: 'The service could not be forked from the preloaded process.',
    why,
    next: ['See .devenv/logs/runner.log', 'devenv up --no-fork starts each service by itself'],
  });
}
