import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { DevenvError } from '../errors.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { untilProcessGone } from '../platform/processIdentity.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import type { StackConnection } from '../stack/protocol.ts';
import type { RenderMode } from '../ui/runRenderer.ts';
import { createUpRenderer } from '../ui/upRenderer.ts';
import type { UpRenderer } from '../ui/upRendering.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

export interface OutputFlags extends GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly plain?: boolean;
}

export interface StackWork {
  readonly context: Context;
  readonly project: Project;
  readonly renderer: UpRenderer;
}

/** Runs a command that starts, changes or stops a stack, and shows what happens. Gives the exit code. */
export async function stackCommand(
  commandHost: CommandHost,
  flags: OutputFlags,
  work: (parts: StackWork) => Promise<number>,
): Promise<number> {
  const { host } = commandHost;
  const renderer = createUpRenderer({
    mode: renderMode(flags),
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    now: Date.now,
  });
  const context = commandContext(commandHost, flags, (event) => renderer.progress(event));
  try {
    const project = await loadProject(
      context,
      flags.config === undefined ? {} : { configFile: flags.config },
    );
    return await work({ context, project, renderer });
  } catch (error) {
    if (commandHost.signal.aborted || !(error instanceof DevenvError)) throw error;
    renderer.error(error);
    return error.misuse ? 2 : 1;
  } finally {
    await renderer.close();
  }
}

/** @throws DevenvError `stack_not_running`. */
export async function runningStack(
  context: Pick<Context, 'env' | 'platform'>,
  project: Pick<Project, 'root'>,
): Promise<StackConnection> {
  const connection = await connectToSupervisor(await runtimeDirectory(context, project.root));
  if (connection !== undefined) return connection;
  throw new DevenvError({
    code: 'stack_not_running',
    what: 'The stack of this project does not run.',
    next: ['devenv up starts it'],
  });
}

/**
 * Stops the whole stack, and waits until the supervisor has ended with it. An aborted signal ends the waiting, and not
 * the stop.
 */
export async function stopStack(
  connection: StackConnection,
  renderer: UpRenderer,
  signal?: AbortSignal,
): Promise<void> {
  let supervisor: number | undefined;
  try {
    const events = connection.request({ kind: 'stop', services: [] }, signal);
    for await (const event of events) {
      if (event.event === 'stack') supervisor = event.stack.pid;
      renderer.event(event);
    }
  } catch (error) {
    // It ends its connections when it has ended everything else.
    if (!(error instanceof DevenvError) || error.code !== 'supervisor_gone') throw error;
  }
  if (supervisor !== undefined) await untilProcessGone({ pid: supervisor }, ENDING_MS);
}

/** It has answered, and has only itself to end. */
const ENDING_MS = 2_000;

function renderMode(flags: OutputFlags): RenderMode {
  if (flags.json === true) return 'json';
  if (flags.quiet === true) return 'quiet';
  return flags.plain === true ? 'plain' : 'auto';
}
