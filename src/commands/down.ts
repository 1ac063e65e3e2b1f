import { Command, Option } from 'commander';
import { stopDatabase } from '../database/database.ts';
import { stopRunners } from '../dagruns/runner.ts';
import type { Context } from '../context.ts';
import { endLeader, processExists } from '../platform/processGroup.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import { findPreloads, runtimesOfProject } from '../stack/runtimesInUse.ts';
import type { CommandHost } from './commandHost.ts';
import { counted } from '../ui/counted.ts';
import { stackCommand, stopStack, type OutputFlags, type StackWork } from './stackCommand.ts';

interface Flags extends OutputFlags {
  readonly all?: boolean;
  readonly volumes?: boolean;
}

export function downCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('down')
    .summary('stop the stack and the database of this project')
    .description(
      'Stops the stack and the database server of this project. Nothing is deleted. The preloaded process stays for ' +
        'an hour, so that the next start is quick; --all ends it, too.',
    )
    .option('-a, --all', 'end the preloaded process as well')
    .option('--volumes', "remove the project's cluster; the files of its volumes stay")
    .addOption(new Option('--json', 'NDJSON events on stdout').conflicts('quiet'))
    .option('-q, --quiet', 'only what went wrong')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      finish(await stackCommand(commandHost, flags, (work) => stopEverything(work, flags)));
    });
}

async function stopEverything(
  { context, project, renderer }: StackWork,
  { all = false, volumes = false }: Flags,
): Promise<number> {
  const runtime = await runtimeDirectory(context, project.root);
  const runtimes = runtimesOfProject(runtime, await findPreloads(context.platform));
  let wasThere = false;
  for (const each of runtimes) {
    const connection = await connectToSupervisor(each);
    wasThere ||= connection !== undefined;
    if (connection !== undefined) await stopStack(connection, renderer, context.signal);
  }
  const { stopHdfs } = await import('../hdfs/daemon/ensureHdfs.ts');
  const { endProjectLeftovers } = await import('../stack/leftovers.ts');
  const { withSupervisorLock } = await import('../stack/supervisorLock.ts');
  const { leftovers, runners, database, hdfs } = await withSupervisorLock(
    project.stateDirectory,
    context.signal,
    async () => ({
      leftovers: await endProjectLeftovers(context, project, runtime),
      runners: all ? await endRunners(context, runtimes) : 0,
      database: await stopDatabase(context, project),
      hdfs: await stopHdfs(context, project),
    }),
  );
  // What its supervisor has stopped has been shown.
  if (!wasThere) renderer.note('stack: was not running');
  if (leftovers.length > 0)
    renderer.note(
      `left by an earlier stack, and ended: ${counted(leftovers.length, 'process', 'processes')}`,
    );
  if (all) renderer.note(`warm runner: ${runners > 0 ? 'ended' : 'was not running'}`);
  if (!wasThere) renderer.note(`database: ${database ? 'stopped' : 'was not running'}`);
  if (hdfs && !wasThere) renderer.note('hdfs: stopped');
  const { settleAbandonedEdits } = await import('../seed/secrets/plainTextFile.ts');
  for (const line of await settleAbandonedEdits(context)) renderer.note(`secrets: ${line}`);
  await endCluster({ context, project, renderer }, volumes);
  return 0;
}

/** It has 10 s to end its runs. */
const END_MS = 12_000;

/** One whose sockets have been removed, with a folder for temporary files say, is ended by its pid. */
async function endRunners({ platform }: Context, runtimes: readonly string[]): Promise<number> {
  let ended = 0;
  for (const each of runtimes) ended += await stopRunners(each, { force: true });
  const left = (await findPreloads(platform)).filter((each) => runtimes.includes(each.runtimeDirectory));
  for (const { pid } of left) if (processExists(pid) && (await endLeader(pid, END_MS))) ended += 1;
  return ended;
}

async function endCluster({ context, project, renderer }: StackWork, remove: boolean): Promise<void> {
  const { rememberedClusterPlace } = await import('../kubernetes/clusterPlace.ts');
  if ((await rememberedClusterPlace(project)) === undefined) return;
  const { removeCluster, stopCluster } = await import('../kubernetes/stopCluster.ts');
  const ended = await (remove ? removeCluster : stopCluster)(context, project);
  if (ended) renderer.note(`cluster: ${remove ? 'removed' : 'stopped'}`);
}
