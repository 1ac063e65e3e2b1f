import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { parsePort } from './upArguments.ts';

interface Flags extends GlobalOptions {
  readonly port?: number;
  readonly fork: boolean;
}

/** What `up` starts in the background. Not for people, so that help does not list it. */
export function superviseCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('supervise')
    .description('Owns the processes of the stack; started by `devenv up`.')
    .option('--port <number>', 'port of UI and API', parsePort)
    .option('--no-fork', 'start each service by itself')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const context = commandContext(commandHost, flags, () => {});
      const project = await loadProject(
        context,
        flags.config === undefined ? {} : { configFile: flags.config },
      );
      const { supervise } = await import('../stack/supervisor.ts');
      await supervise(context, project, {
        port: flags.port,
        forks: flags.fork && context.platform === 'linux',
      });
      finish(0);
    });
}
