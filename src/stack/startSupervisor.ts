import path from 'node:path';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { startDaemon } from '../platform/daemon.ts';
import { definedOnly } from '../platform/definedOnly.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { connectToSupervisor } from './connection.ts';
import type { StackConnection } from './protocol.ts';

export interface SupervisorCommand {
  /** This program: an interpreter and its script. */
  readonly program: readonly [string, string];
  readonly configFile: string | undefined;
  readonly port: number | undefined;
  readonly forks: boolean;
}

/** Of Node alone; what it has to wait for is a supervisor that is just ending. */
const READY_MS = 30_000;

/**
 * The project's supervisor, started unless it runs. It outlives this process and the terminal.
 *
 * @throws DevenvError `daemon_failed`, `daemon_not_ready`.
 */
export async function ensureSupervisor(
  context: Context,
  project: Project,
  command: SupervisorCommand,
): Promise<StackConnection> {
  const runtime = await runtimeDirectory(context, project.root);
  const found = await connectToSupervisor(runtime);
  if (found !== undefined) return found;
  const [interpreter, script] = command.program;
  let connection: StackConnection | undefined;
  await startDaemon(interpreter, [script, ...superviseArguments(project, command)], {
    env: definedOnly(context.env),
    cwd: project.root,
    logFile: path.join(project.stateDirectory, 'logs', 'supervisor.log'),
    runAs: undefined,
    signal: context.signal,
    isReady: async () => {
      connection = await connectToSupervisor(runtime);
      return connection !== undefined;
    },
    timeoutMs: READY_MS,
  });
  if (connection === undefined) throw new Error('the supervisor listens and does not');
  return connection;
}

function superviseArguments(project: Project, command: SupervisorCommand): string[] {
  return [
    'supervise',
    '--directory',
    project.root,
    ...(command.configFile === undefined ? [] : ['--config', command.configFile]),
    ...(command.port === undefined ? [] : ['--port', String(command.port)]),
    ...(command.forks ? [] : ['--no-fork']),
  ];
}
