import { Command, Option } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { stopDatabase } from '../database/database.ts';
import { stopRunners } from '../dagruns/runner.ts';
import { DevenvError } from '../errors.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import type { StackConnection } from '../stack/protocol.ts';
import type { RenderMode } from '../ui/runRenderer.ts';
import { createUpRenderer, type UpRenderer } from '../ui/upRenderer.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './program.ts';

interface Flags extends GlobalOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function downCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('down')
    .summary('stop the stack and the database of this project')
    .description(
      'Stops the stack and the database server of this project. Nothing is deleted. The preloaded process stays for ' +
        'an hour, so that the next start is quick; --all ends it, too.',
    )
    .option('-a, --all', 'end the preloaded process as well')
    .addOption(new Option('--json', 'NDJSON events on stdout').conflicts('quiet'))
    .option('-q, --quiet', 'only what went wrong')
    .action(async (_flags: unknown, command: Command) => {
      finish(await down(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function down(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const renderer = createUpRenderer({
    mode: renderMode(flags),
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    now: Date.now,
  });
  try {
    const context = commandContext(commandHost, flags, (event) => renderer.progress(event));
    const project = await loadProject(
      context,
      flags.config === undefined ? {} : { configFile: flags.config },
    );
    await stopEverything(context, project, flags.all === true, renderer);
    return 0;
  } finally {
    await renderer.close();
  }
}

async function stopEverything(
  context: Context,
  project: Project,
  all: boolean,
  renderer: UpRenderer,
): Promise<void> {
  const runtime = await runtimeDirectory(context, project.root);
  const connection = await connectToSupervisor(runtime);
  if (connection !== undefined) await stopStack(connection, renderer);
  const { endProjectLeftovers } = await import('../stack/leftovers.ts');
  await endProjectLeftovers(context, project, runtime);
  const runners = all ? await stopRunners(runtime, { force: true }) : 0;
  const database = await stopDatabase(context, project);
  renderer.note(`stack: ${connection === undefined ? 'was not running' : 'stopped'}`);
  if (all) renderer.note(`warm runner: ${runners > 0 ? 'ended' : 'was not running'}`);
  renderer.note(`database: ${database || connection !== undefined ? 'stopped' : 'was not running'}`);
}

async function stopStack(connection: StackConnection, renderer: UpRenderer): Promise<void> {
  try {
    for await (const event of connection.request({ kind: 'stop', services: [] })) renderer.event(event);
  } catch (error) {
    // It ends its connections when it has ended everything else.
    if (!(error instanceof DevenvError) || error.code !== 'supervisor_gone') throw error;
  }
}

function renderMode(flags: Flags): RenderMode {
  if (flags.json === true) return 'json';
  return flags.quiet === true ? 'quiet' : 'auto';
}
