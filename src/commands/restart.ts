import { Command, Option } from 'commander';
import type { CommandHost } from './commandHost.ts';
import { runningStack, stackCommand, type OutputFlags, type StackWork } from './stackCommand.ts';

interface Flags extends OutputFlags {
  readonly wait: boolean;
}

export function restartCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('restart')
    .summary('restart services of the stack, or all of them')
    .description('Restarts services, and those that need them, and waits until they are ready again.')
    .argument('[services...]', 'default: all')
    .option('--no-wait', 'return as soon as they have been stopped')
    .addOption(new Option('--json', 'NDJSON events on stdout').conflicts(['quiet', 'plain']))
    .option('--plain', 'one line for each change, no redrawing')
    .option('-q, --quiet', 'only what went wrong')
    .action(async (services: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      finish(await stackCommand(commandHost, flags, (work) => restart(work, services, flags.wait)));
    });
}

async function restart(work: StackWork, services: readonly string[], wait: boolean): Promise<number> {
  const { context, project, renderer } = work;
  const connection = await runningStack(context, project);
  const request = { kind: 'restart', services, wait } as const;
  for await (const event of connection.request(request, context.signal)) renderer.event(event);
  return 0;
}
