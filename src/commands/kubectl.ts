import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { clusterMissing } from '../kubernetes/clusterMissing.ts';
import { kubeconfigFile, rememberedClusterPlace } from '../kubernetes/clusterPlace.ts';
import { nodeName } from '../kubernetes/cluster/kindConfig.ts';
import { findProgram } from '../platform/findProgram.ts';
import { runInForeground } from '../platform/foregroundProcess.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

export function kubectlCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('kubectl')
    .summary("kubectl, for the project's cluster")
    .description(
      "Runs kubectl with the project's own cluster and namespace. Where PATH has none, the one in the cluster's node is " +
        'run, which sees no files of yours. Your own kubeconfig is never read or changed.',
    )
    .usage('[arguments of kubectl...]')
    .argument('[arguments...]', "everything behind the word kubectl is kubectl's")
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], _flags: unknown, command: Command) => {
      finish(await kubectl(commandHost, command.optsWithGlobals<GlobalOptions>(), args));
    });
}

const EXAMPLES = `
Examples:
  devenv kubectl get pods -A
  devenv kubectl logs POD
  devenv kubectl describe node
`;

async function kubectl(
  commandHost: CommandHost,
  options: GlobalOptions,
  args: readonly string[],
): Promise<number> {
  const { host } = commandHost;
  const context = commandContext(commandHost, options, () => {});
  const project = await loadProject(context, { configFile: options.config });
  const place = await rememberedClusterPlace(project);
  if (place === undefined) throw clusterMissing();
  const words = ['--namespace', project.kubernetes?.namespace ?? 'default'];
  const program = findProgram('kubectl', host.env);
  const terminal = host.stdin.isTTY && host.stdout.isTTY ? '-it' : '-i';
  const [file, own] =
    program === undefined
      ? (['docker', ['exec', terminal, nodeName(place.name, 0), 'kubectl']] as const)
      : ([program, []] as const);
  commandHost.handOverSignals();
  return runInForeground(file, [...own, ...words, ...args], {
    env: { ...host.env, KUBECONFIG: kubeconfigFile(project) },
    cwd: context.workingDirectory,
    onInterrupt: commandHost.onInterrupt,
    sharesTerminal: [host.stdin, host.stdout, host.stderr].some((each) => each.isTTY),
  });
}
