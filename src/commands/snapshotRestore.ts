import { Command } from 'commander';
import { restoreNeeds, restoreSnapshot } from '../database/snapshots/exchangeDatabase.ts';
import { isTiedTo } from '../database/snapshots/branchSnapshot.ts';
import { listSnapshots } from '../database/snapshots/snapshotFolders.ts';
import type { SnapshotRecord } from '../database/snapshots/snapshotRecord.ts';
import { findSnapshot } from '../database/snapshots/snapshots.ts';
import { readRevisions } from '../database/revisions.ts';
import { DevenvError } from '../errors.ts';
import { formatDuration } from '../ui/duration.ts';
import { writeLines } from '../ui/output.ts';
import { withQuietDatabase } from './dbQuiet.ts';
import { withDatabase, type DatabaseFlags, type DatabaseWork } from './dbTarget.ts';
import type { CommandHost } from './commandHost.ts';
import { currentBranch, withOutputOptions } from './snapshotOptions.ts';

interface Flags extends DatabaseFlags {
  readonly onBranch?: boolean;
  readonly migrate?: boolean;
}

export function restoreCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('restore'))
    .summary('put a snapshot in the place of the database')
    .description(
      'Puts a snapshot, with its keys, in the place of the database. The database as it is becomes a snapshot itself, so ' +
        'that nothing is lost. A kill at any moment leaves the one or the other.',
    )
    .argument('[name]', 'see devenv snapshot list; may be left out with --on-branch')
    .option('--on-branch', 'the newest that is tied to the Git branch that is checked out')
    .option('--migrate', 'migrate what an older minor version of Airflow has made')
    .option('-y, --yes', 'without questions')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      finish(await restore(commandHost, name, command.optsWithGlobals<Flags>()));
    });
}

async function restore(commandHost: CommandHost, name: string | undefined, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: true }, async (parts) => {
    const wanted = await chosen(parts, name, flags);
    const migrate = flags.migrate ?? (await agreeToMigrate(parts, wanted, flags));
    const begun = performance.now();
    const { context, target } = parts;
    const { record, previous, damaged, keysChanged, migrated } = await withQuietDatabase(parts, () =>
      restoreSnapshot(context, target, { name: wanted.name, migrate }),
    );
    const { stdout } = commandHost.host;
    if (flags.json === true) {
      const answer = {
        v: 1,
        restored: record,
        previous: previous ?? null,
        damaged: damaged ?? null,
        keys_changed: keysChanged,
        migrated,
      };
      writeLines(stdout, [JSON.stringify(answer)]);
      return 0;
    }
    writeLines(stdout, [
      `${record.name}: restored in ${formatDuration(performance.now() - begun)}${migrated ? ', migrated' : ''}`,
      ...(previous === undefined ? [] : [`as it was: snapshot ${previous.name}`]),
      ...(damaged === undefined ? [] : [`what was beyond reading is kept: ${damaged}`]),
      ...(keysChanged ? ['Its keys came with it: restart the stack (devenv down, devenv up)'] : []),
    ]);
    return 0;
  });
}

async function chosen(parts: DatabaseWork, name: string | undefined, flags: Flags): Promise<SnapshotRecord> {
  const { stateDirectory } = parts.project;
  if (name !== undefined) return findSnapshot(stateDirectory, name);
  if (flags.onBranch !== true) throw nameMissing();
  const branch = await currentBranch(parts);
  const tied = (await listSnapshots(stateDirectory)).filter((each) => isTiedTo(each, branch));
  const newest = tied.at(-1);
  if (newest !== undefined) return newest;
  throw new DevenvError({
    code: 'snapshot_unknown',
    what: `No snapshot is tied to the branch ${branch}.`,
    next: ['devenv snapshot save --on-branch makes one', 'devenv snapshot list shows all'],
    misuse: true,
  });
}

/** Only another minor version is a question. `--yes` alone does not answer it: it would change what is restored. */
async function agreeToMigrate(parts: DatabaseWork, record: SnapshotRecord, flags: Flags): Promise<boolean> {
  const { target, agree } = parts;
  const revisions = await readRevisions(target.environment);
  if (restoreNeeds(record, target, revisions) !== 'consent' || flags.yes === true) return false;
  const { airflowVersion } = target.environment;
  const question = `${record.name} is of Airflow ${record.airflowVersion}. Migrate a copy of it to ${airflowVersion}?`;
  return (await agree(question)) === true;
}

function nameMissing(): DevenvError {
  return new DevenvError({
    code: 'usage',
    what: 'Which snapshot?',
    next: ['devenv snapshot list shows all', '--on-branch takes that of the Git branch'],
    misuse: true,
  });
}
