import { Command } from 'commander';
import { serverIsDamaged, setClusterAside } from '../database/damagedCluster.ts';
import { databaseStatus } from '../database/databaseStatus.ts';
import { migrateFrom, resetDatabase, type Exchange } from '../database/snapshots/exchangeDatabase.ts';
import { listSnapshots } from '../database/snapshots/snapshotFolders.ts';
import { ensureProjectDatabase } from '../dagruns/runnerSpec.ts';
import { DevenvError } from '../errors.ts';
import { forgetSeeds } from '../seed/seedMemory.ts';
import { databaseReport } from '../ui/databaseReport.ts';
import { formatDuration } from '../ui/duration.ts';
import { writeLines } from '../ui/output.ts';
import { createStyle, useColor } from '../ui/style.ts';
import { withQuietDatabase } from './dbQuiet.ts';
import { withDatabase, type DatabaseFlags, type DatabaseWork } from './dbTarget.ts';
import type { CommandHost } from './commandHost.ts';
import { psqlCommand } from './psql.ts';
import { withOutputOptions } from './snapshotOptions.ts';

interface Flags extends DatabaseFlags {
  readonly from?: string;
}

export function dbCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('db')
    .summary('look at the database, migrate it, begin anew')
    .description(
      "The project's metadata database as a whole: its state, its migration, a new beginning, a prompt.",
    )
    .addCommand(statusCommand(commandHost, finish))
    .addCommand(migrateCommand(commandHost, finish))
    .addCommand(resetCommand(commandHost, finish))
    .addCommand(shellCommand(commandHost, finish))
    .addHelpText(
      'after',
      '\nExit codes: 0 done; 1 it failed, or (status) the database is not ready; 2 misuse.\n',
    );
}

function statusCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('status'))
    .summary('where the database is, what it holds, who is connected')
    .description(
      'Says where the database is, whether its tables are what this Airflow wants, how big it is, and who is connected. ' +
        'Starts nothing.',
    )
    .action(async (_flags: unknown, command: Command) => {
      finish(await status(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function status(commandHost: CommandHost, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: false }, async ({ context, target, project }) => {
    const found = await databaseStatus(context, target);
    const all = await listSnapshots(project.stateDirectory);
    const snapshots = { count: all.length, bytes: all.reduce((sum, each) => sum + each.sizeBytes, 0) };
    const { stdout, env } = commandHost.host;
    if (flags.json === true) writeLines(stdout, [JSON.stringify({ v: 1, ...found, snapshots })]);
    else writeLines(stdout, databaseReport({ ...found, snapshots }, createStyle(useColor(stdout, env))));
    return found.schema === 'current' ? 0 : 1;
  });
}

function migrateCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('migrate'))
    .summary('make or migrate the database to what this Airflow wants')
    .description(
      'Makes the database, or migrates it to what this Airflow wants; every command that needs it does the same. With ' +
        '--from a migrated copy of the database of another Airflow takes its place; both are kept.',
    )
    .option(
      '--from <database>',
      "bring the rows of the project's database for another minor version: airflow_3_2",
    )
    .option('-y, --yes', 'stop services of a running stack without a question')
    .action(async (_flags: unknown, command: Command) => {
      finish(await migrate(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function migrate(commandHost: CommandHost, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: true }, async (parts) => {
    const { context, target, project, spec } = parts;
    const { from } = flags;
    const exchange =
      from === undefined
        ? undefined
        : await withQuietDatabase(parts, () => migrateFrom(context, target, from));
    if (exchange === undefined) await ensureProjectDatabase(context, project, spec);
    const { revision = '' } = await databaseStatus(context, target);
    tell(commandHost, flags, exchange, `${target.description.name} is at ${revision}`);
    return 0;
  });
}

function resetCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return withOutputOptions(new Command('reset'))
    .summary('begin with an empty database; the old one becomes a snapshot')
    .description(
      'Puts an empty, migrated database in the place of the present one, which becomes a snapshot: devenv snapshot ' +
        'restore brings it back. Variables and connections of seed files are there again with the next run.',
    )
    .option('-y, --yes', 'without a question')
    .action(async (_flags: unknown, command: Command) => {
      finish(await reset(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function reset(commandHost: CommandHost, flags: Flags): Promise<number> {
  return withDatabase(commandHost, flags, { server: false }, async (parts) => {
    const { context, project, target, agree } = parts;
    const { name } = target.description;
    if (await serverIsDamaged(context, target)) return resetServer(commandHost, flags, parts);
    const agreed = await agree(`Begin with an empty ${name}? What is in it becomes a snapshot.`);
    if (agreed === undefined) throw notAgreed();
    if (!agreed) return 1;
    const begun = performance.now();
    const exchange = await withQuietDatabase(parts, () => resetDatabase(context, target));
    await forgetSeeds(project.stateDirectory, name);
    tell(commandHost, flags, exchange, `${name} is empty, in ${formatDuration(performance.now() - begun)}`);
    return 0;
  });
}

/** What is in the server's files is out of reach, its snapshots too: they are kept, and another one is made. */
async function resetServer(commandHost: CommandHost, flags: Flags, parts: DatabaseWork): Promise<number> {
  const { context, project, spec, target, agree } = parts;
  const agreed = await agree(
    'Postgres can not use its files any more. Keep them aside and begin with an empty database?',
  );
  if (agreed === undefined) throw notAgreed();
  if (!agreed) return 1;
  const damaged = await withQuietDatabase(parts, async () => {
    const kept = await setClusterAside(context, target);
    await ensureProjectDatabase(context, project, spec);
    return kept;
  });
  await forgetSeeds(project.stateDirectory, target.description.name);
  const exchange = { previous: undefined, damaged, keysChanged: false, migrated: false };
  tell(commandHost, flags, exchange, `${target.description.name} is empty`);
  return 0;
}

function tell({ host }: CommandHost, flags: Flags, exchange: Exchange | undefined, text: string): void {
  const previous = exchange?.previous;
  if (flags.json === true)
    writeLines(host.stdout, [
      JSON.stringify({ v: 1, previous: previous ?? null, damaged: exchange?.damaged ?? null }),
    ]);
  else
    writeLines(host.stdout, [
      text,
      ...(previous === undefined ? [] : [`as it was: snapshot ${previous.name}`]),
      ...(exchange?.damaged === undefined ? [] : [`what was beyond reading is kept: ${exchange.damaged}`]),
    ]);
}

/** The same as `devenv psql`. */
function shellCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return psqlCommand(commandHost, finish)
    .name('shell')
    .summary('SQL on the database: the same as devenv psql');
}

function notAgreed(): DevenvError {
  return new DevenvError({
    code: 'not_agreed',
    what: 'Nobody said that the database may be emptied.',
    next: ['devenv db reset --yes'],
    misuse: true,
  });
}
