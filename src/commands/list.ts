import { Command } from 'commander';
import { allStacks } from '../stack/allStacks.ts';
import { STACK_EVENTS_VERSION } from '../stack/events.ts';
import { writeLines } from '../ui/output.ts';
import { stackList } from '../ui/stackList.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
}

export function listCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('list')
    .summary('all stacks of yours on this machine')
    .description(
      'Lists the projects of which something runs on this machine: a stack, or only a preloaded process, a database or HDFS; ' +
        'and what was left by something that was killed.',
    )
    .option('--json', 'one JSON object')
    .action(async (_flags: unknown, command: Command) => {
      finish(await list(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function list(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const stacks = await allStacks(context);
  if (flags.json === true) {
    writeLines(host.stdout, [JSON.stringify({ v: STACK_EVENTS_VERSION, stacks })]);
  } else {
    const style = createStyle(useColor(host.stdout, host.env));
    writeLines(host.stdout, stackList(stacks, context.now(), style));
  }
  return 0;
}
