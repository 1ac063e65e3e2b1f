import path from 'node:path';
import type net from 'node:net';
import { DevenvError } from '../errors.ts';
import { readJsonLines } from '../platform/jsonLines.ts';
import { connectUnix } from '../platform/unixSocket.ts';
import type { StackEvent } from './events.ts';
import type { RequestEnd, StackConnection, StackRequest } from './protocol.ts';

export function supervisorSocket(runtimeDirectory: string): string {
  return path.join(runtimeDirectory, 'supervisor.sock');
}

/**
 * The supervisor of a project.
 *
 * @returns undefined when none runs.
 */
export async function connectToSupervisor(runtimeDirectory: string): Promise<StackConnection | undefined> {
  const socketPath = supervisorSocket(runtimeDirectory);
  const probe = await connectUnix(socketPath);
  probe?.destroy();
  if (probe === undefined) return undefined;
  return { request: (request, signal) => follow(socketPath, request, signal) };
}

/** Resolves when the supervisor has ended; throws the signal's reason when aborted first. */
export async function untilSupervisorGone(connection: StackConnection, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of connection.request({ kind: 'subscribe', logs: false }, signal));
  } catch (error) {
    if (!(error instanceof DevenvError) || error.code !== 'supervisor_gone') throw error;
  }
}

async function* follow(
  socketPath: string,
  request: StackRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<StackEvent> {
  signal?.throwIfAborted();
  const socket = await connectUnix(socketPath);
  if (socket === undefined) throw gone();
  const stop = (): void => void socket.destroy();
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    socket.write(`${JSON.stringify(request)}\n`);
    yield* readAnswer(socket, signal);
  } finally {
    signal?.removeEventListener('abort', stop);
    socket.destroy();
  }
}

async function* readAnswer(socket: net.Socket, signal: AbortSignal | undefined): AsyncGenerator<StackEvent> {
  try {
    for await (const event of readJsonLines<StackEvent | RequestEnd>(socket)) {
      if (event.event !== 'end') yield event;
      else if (event.error === undefined) return;
      else throw new DevenvError(event.error);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  signal?.throwIfAborted();
  throw gone();
}

function gone(): DevenvError {
  return new DevenvError({
    code: 'supervisor_gone',
    what: 'The supervisor of this stack ended before it had answered.',
    why: 'It was killed, or the stack was stopped meanwhile.',
    next: ['devenv status shows what runs', 'devenv up starts the stack again'],
  });
}
