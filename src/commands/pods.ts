import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { DevenvError } from '../errors.ts';
import { clusterMissing } from '../kubernetes/clusterMissing.ts';
import { rememberedClusterPlace } from '../kubernetes/clusterPlace.ts';
import { writeLines } from '../ui/output.ts';
import { podReport } from '../ui/podReport.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
}

export function podsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('pods')
    .summary("pods in the project's namespace, and why one does not run")
    .description(
      "Lists the pods in the project's namespace: the task that has started each, its phase, and in the words of " +
        'the scheduler or the kubelet why it is not further.',
    )
    .option('--json', 'one JSON object')
    .action(async (_flags: unknown, command: Command) => {
      finish(await pods(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function pods(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, flags, () => {});
  const project = await loadProject(context, { configFile: flags.config });
  const place = await rememberedClusterPlace(project);
  if (project.kubernetes === undefined || place === undefined) throw clusterMissing();
  const { endAbandonedPods } = await import('../kubernetes/abandonedPods.ts');
  await endAbandonedPods(context, project);
  const { listPods } = await import('../kubernetes/listPods.ts');
  const found = await listPods(project, project.kubernetes).catch((cause: unknown) => {
    throw notAnswering(place.name, cause);
  });
  writeLines(
    host.stdout,
    flags.json === true ? [JSON.stringify({ v: 1, pods: found })] : podReport(found, context.now()),
  );
  return 0;
}

function notAnswering(cluster: string, cause: unknown): DevenvError {
  return new DevenvError({
    code: 'cluster_not_answering',
    what: `The cluster ${cluster} does not answer.`,
    why: cause instanceof Error ? cause.message : String(cause),
    next: ['devenv up starts it'],
    cause,
  });
}
