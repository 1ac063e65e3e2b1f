import { Command } from 'commander';
import { renameSnapshot } from '../database/snapshots/snapshots.ts';
import { writeLines } from '../ui/output.ts';
import { withDatabase, type DatabaseFlags } from './dbTarget.ts';
import type { CommandHost } from './commandHost.ts';
import { withOutputOptions } from './snapshotOptions.ts';

export function renameCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('rename'))
    .alias('mv')
    .summary('give a snapshot another name')
    .description('Gives a snapshot another name. One that was made automatically is kept from then on.')
    .argument('<name>', 'see devenv snapshot list')
    .argument('<new-name>', 'letters, digits, ".", "_", "-"')
    .action(async (from: string, to: string, _flags: unknown, command: Command) => {
      finish(await rename(commandHost, { from, to }, command.optsWithGlobals<DatabaseFlags>()));
    });
}

async function rename(
  commandHost: CommandHost,
  names: { readonly from: string; readonly to: string },
  flags: DatabaseFlags,
): Promise<number> {
  return withDatabase(commandHost, flags, { server: true }, async ({ context, target }) => {
    const record = await renameSnapshot(context, target, names);
    const { stdout } = commandHost.host;
    writeLines(stdout, [
      flags.json === true
        ? JSON.stringify({ v: 1, snapshot: record, renamed_from: names.from })
        : `${names.from}: renamed to ${record.name}`,
    ]);
    return 0;
  });
}
