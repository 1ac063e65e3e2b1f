import { Command } from 'commander';
import { DevenvError } from '../errors.ts';
import { listSnapshots } from '../database/snapshots/snapshotFolders.ts';
import { keysFingerprint } from '../database/snapshots/snapshotKeys.ts';
import type { SnapshotRecord } from '../database/snapshots/snapshotRecord.ts';
import { deleteSnapshot, findSnapshot, saveSnapshot } from '../database/snapshots/snapshots.ts';
import { formatBytes } from '../ui/bytes.ts';
import { formatDuration } from '../ui/duration.ts';
import { writeLines } from '../ui/output.ts';
import { snapshotTable } from '../ui/snapshotReport.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { withQuietDatabase } from './dbQuiet.ts';
import { withDatabase, type DatabaseFlags, type DatabaseWork } from './dbTarget.ts';
import type { CommandHost } from './commandHost.ts';
import { diffCommand } from './snapshotDiff.ts';
import { currentBranch, withOutputOptions } from './snapshotOptions.ts';
import { renameCommand } from './snapshotRename.ts';
import { restoreCommand } from './snapshotRestore.ts';

interface Flags extends DatabaseFlags {
  readonly onBranch?: boolean;
  readonly replace?: boolean;
  readonly live?: boolean;
}

export function snapshotCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('snapshot')
    .summary('copies of the database to go back to')
    .description(
      "Copies of the project's database with the keys its values are encrypted with, made and put back in about a " +
        'second. What takes the place of the database makes a snapshot of it first.',
    )
    .addCommand(saveCommand(commandHost, finish))
    .addCommand(listCommand(commandHost, finish))
    .addCommand(restoreCommand(commandHost, finish))
    .addCommand(renameCommand(commandHost, finish))
    .addCommand(deleteCommand(commandHost, finish))
    .addCommand(diffCommand(commandHost, finish))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  devenv snapshot save before-refactoring
  devenv snapshot save --on-branch         for the Git branch that is checked out
  devenv snapshot restore --on-branch
  devenv snapshot diff before-refactoring

Exit codes: 0 done; 1 it failed; 2 misuse.
`;

function saveCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('save'))
    .summary('copy the database as it is')
    .description('Copies the database as it is. Services of a running stack are stopped for so long.')
    .argument('[name]', 'letters, digits, ".", "_", "-"; may be left out with --on-branch')
    .option(
      '--on-branch',
      'tie it to the Git branch that is checked out; without a name in place of the last one of this branch',
    )
    .option('--replace', 'take the place of a snapshot of this name')
    .option('-y, --yes', 'stop services of a running stack without a question')
    .option('--live', 'leave everybody connected, also a run in progress; slower')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      finish(await save(commandHost, name, command.optsWithGlobals<Flags>()));
    });
}

async function save(commandHost: CommandHost, name: string | undefined, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: true }, async (parts) => {
    const options = await saveOptions(parts, name, flags);
    const begun = performance.now();
    const work = (): Promise<SnapshotRecord> =>
      saveSnapshot(parts.context, parts.target, { ...options, whileInUse: flags.live === true });
    const record = await (flags.live === true ? work() : withQuietDatabase(parts, work));
    const { stdout } = commandHost.host;
    if (flags.json === true) writeLines(stdout, [JSON.stringify({ v: 1, snapshot: record })]);
    else {
      const duration = formatDuration(performance.now() - begun);
      writeLines(stdout, [`${record.name}: ${formatBytes(record.sizeBytes)} copied in ${duration}`]);
    }
    return 0;
  });
}

async function saveOptions(parts: DatabaseWork, name: string | undefined, flags: Flags) {
  const { onBranch = false, replace = false } = flags;
  if (!onBranch) {
    if (name === undefined) throw nameMissing();
    return { name, replace };
  }
  return { name, onBranch: await currentBranch(parts), replace };
}

function nameMissing(): DevenvError {
  return new DevenvError({
    code: 'usage',
    what: 'The snapshot needs a name.',
    next: ['devenv snapshot save NAME', 'devenv snapshot save --on-branch names it after the Git branch'],
    misuse: true,
  });
}

function listCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('list'))
    .alias('ls')
    .summary('all snapshots of the project')
    .description(
      'All snapshots of the project, the newest last. A star marks those that are tied to their branch.',
    )
    .option('--on-branch', 'only those of the Git branch that is checked out')
    .action(async (_flags: unknown, command: Command) => {
      finish(await list(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function list(commandHost: CommandHost, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: false }, async (parts) => {
    const { stateDirectory } = parts.project;
    const branch = flags.onBranch === true ? await currentBranch(parts) : undefined;
    const all = await listSnapshots(stateDirectory);
    const shown = branch === undefined ? all : all.filter((each) => each.git?.branch === branch);
    const keys = await keysFingerprint(stateDirectory);
    const rows = shown.map((each) => ({ ...each, sameKeys: each.keys === keys }));
    const { stdout, env } = commandHost.host;
    if (flags.json === true) writeLines(stdout, [JSON.stringify({ v: 1, snapshots: rows })]);
    else writeLines(stdout, snapshotTable(rows, parts.context.now(), createStyle(useColor(stdout, env))));
    return 0;
  });
}

function deleteCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('delete'))
    .alias('rm')
    .summary('delete snapshots')
    .description('Deletes snapshots, for good.')
    .argument('<name...>', 'see devenv snapshot list')
    .action(async (names: string[], _flags: unknown, command: Command) => {
      finish(await deleteAll(commandHost, names, command.optsWithGlobals<Flags>()));
    });
}

async function deleteAll(commandHost: CommandHost, names: readonly string[], flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: true }, async ({ context, target }) => {
    // All or none, as far as a mistake in a name goes.
    for (const name of names) await findSnapshot(target.project.stateDirectory, name);
    const deleted: SnapshotRecord[] = [];
    for (const name of new Set(names)) deleted.push(await deleteSnapshot(context, target, name));
    const { stdout } = commandHost.host;
    if (flags.json === true) writeLines(stdout, [JSON.stringify({ v: 1, deleted })]);
    else
      writeLines(
        stdout,
        deleted.map((each) => `${each.name}: deleted, ${formatBytes(each.sizeBytes)} free`),
      );
    return 0;
  });
}
