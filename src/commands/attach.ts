import { Command } from 'commander';
import { DevenvError } from '../errors.ts';
import type { GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { runningStack, stackCommand } from './stackCommand.ts';
import { canShowDashboard, showDashboard } from './stackDashboard.ts';

export function attachCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('attach')
    .summary('show the dashboard of the running stack')
    .description('Shows the dashboard of the stack that runs. Leaving it does not stop the stack.')
    .action(async (_flags: unknown, command: Command) => {
      finish(await attach(commandHost, command.optsWithGlobals<GlobalOptions>()));
    });
}

async function attach(commandHost: CommandHost, options: GlobalOptions): Promise<number> {
  return stackCommand(commandHost, options, async (work) => {
    if (!(await canShowDashboard(commandHost))) throw noTerminal();
    await runningStack(work.context, work.project);
    return showDashboard(commandHost, options, work);
  });
}

function noTerminal(): DevenvError {
  return new DevenvError({
    code: 'no_terminal',
    what: 'The dashboard needs a terminal that can be redrawn.',
    why: 'Input or output is no terminal, TERM is "dumb", or CI is set.',
    next: ['devenv status shows the stack', 'devenv logs -f follows it'],
    misuse: true,
  });
}
