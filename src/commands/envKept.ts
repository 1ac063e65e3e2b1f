import { Command, InvalidArgumentError } from 'commander';
import { repairEnvironment } from '../airflow/environment.ts';
import {
  type KeptEnvironment,
  keptEnvironments,
  removeEnvironment,
  userOf,
} from '../airflow/keptEnvironments.ts';
import type { Context } from '../context.ts';
import { listProcesses } from '../platform/processTable.ts';
import { formatBytes } from '../ui/bytes.ts';
import { environmentLines } from '../ui/environmentReport.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext } from './commandContext.ts';
import { type EnvironmentFlags, withEnvironment } from './envTarget.ts';
import type { CommandHost } from './commandHost.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 30;

export function listEnvironmentsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('list')
    .summary('the environments of all projects, with their sizes and last use')
    .option('--json', 'one JSON object')
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<EnvironmentFlags>();
      const context = commandContext(commandHost, flags, () => {});
      const environments = keptEnvironments(context);
      writeLines(
        commandHost.host.stdout,
        flags.json === true
          ? [JSON.stringify({ v: 1, environments })]
          : environmentLines(environments, context.now()),
      );
      finish(0);
    });
}

interface PruneFlags extends EnvironmentFlags {
  readonly days: number;
  readonly dryRun?: boolean;
}

export function pruneCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('prune')
    .summary('remove environments that no project has used for a while')
    .option('--days <number>', 'how long not used', wholeDays, DEFAULT_DAYS)
    .option('--dry-run', 'only say which')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<PruneFlags>();
      const context = commandContext(commandHost, flags, () => {});
      const before = context.now() - flags.days * DAY_MS;
      const { unused, inUse } = await leftUnused(context, before);
      if (flags.dryRun !== true)
        for (const { directory } of unused) await removeEnvironment(context, directory);
      const bytes = formatBytes(unused.reduce((sum, each) => sum + each.bytes, 0));
      const words = flags.dryRun === true ? 'Would remove' : 'Removed';
      writeLines(commandHost.host.stdout, [
        ...inUse.map(({ directory, pid }) => `Left alone, process ${pid} uses it: ${directory}`),
        ...unused.map(({ directory, bytes: size }) => `${words} ${directory} (${formatBytes(size)})`),
        unused.length + inUse.length === 0
          ? `No environment was left unused for ${flags.days} days.`
          : `${words} ${unused.length} environments, ${bytes}.`,
      ]);
      finish(0);
    });
}

/** A stack that has run for weeks uses an environment that was last noted when it started. */
async function leftUnused(
  context: Context,
  before: number,
): Promise<{ readonly unused: readonly KeptEnvironment[]; readonly inUse: readonly UsedEnvironment[] }> {
  const old = keptEnvironments(context).filter(({ lastUsed }) => lastUsed < before);
  const processes = old.length === 0 ? [] : await listProcesses(context.platform);
  const inUse = old.flatMap(({ directory }) => {
    const user = userOf(directory, processes);
    return user === undefined ? [] : [{ directory, pid: user.pid }];
  });
  return {
    inUse,
    unused: old.filter((each) => !inUse.some(({ directory }) => directory === each.directory)),
  };
}

interface UsedEnvironment {
  readonly directory: string;
  readonly pid: number;
}

function wholeDays(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number of days from 1 on.');
  return Number(text);
}

export function rebuildCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('rebuild')
    .summary("make the project's environment again")
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<EnvironmentFlags>();
      const directory = await withEnvironment(
        commandHost,
        flags,
        async ({ context, request, environment }) => {
          await removeEnvironment(context, environment.directory);
          return (await repairEnvironment(context, request)).directory;
        },
      );
      writeLines(commandHost.host.stdout, [`Made ${directory}`]);
      finish(0);
    });
}
