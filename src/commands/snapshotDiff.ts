import { Command } from 'commander';
import { diffSnapshots } from '../database/snapshots/diffSnapshots.ts';
import { findSnapshot } from '../database/snapshots/snapshots.ts';
import { writeLines } from '../ui/output.ts';
import { differenceReport } from '../ui/snapshotReport.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { withDatabase, type DatabaseFlags } from './dbTarget.ts';
import type { CommandHost } from './commandHost.ts';
import { withOutputOptions } from './snapshotOptions.ts';

export function diffCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('diff'))
    .summary('what has changed since a snapshot')
    .description(
      'Tables with another number of rows, and the names of variables, connections, pools and DAGs that came, went or ' +
        'changed. Never a value.',
    )
    .argument('<name>', 'see devenv snapshot list')
    .argument('[other]', 'another snapshot; the database as it is when left out')
    .action(async (name: string, other: string | undefined, _flags: unknown, command: Command) => {
      finish(await diff(commandHost, [name, other], command.optsWithGlobals<DatabaseFlags>()));
    });
}

async function diff(
  commandHost: CommandHost,
  [name, other]: readonly [string, string | undefined],
  flags: DatabaseFlags,
): Promise<number> {
  return withDatabase(commandHost, flags, { server: true }, async ({ context, target }) => {
    const { stateDirectory } = target.project;
    const before = await findSnapshot(stateDirectory, name);
    const after = other === undefined ? undefined : await findSnapshot(stateDirectory, other);
    const difference = await diffSnapshots(context, target, before, after);
    const { stdout, env } = commandHost.host;
    if (flags.json === true) writeLines(stdout, [JSON.stringify({ v: 1, ...difference })]);
    else writeLines(stdout, differenceReport(difference, createStyle(useColor(stdout, env))));
    return 0;
  });
}
