import { Command } from 'commander';
import { ownProcesses } from '../hdfs/daemon/ownProcesses.ts';
import { currentServerSettings } from '../hdfs/daemon/serverSettingsFile.ts';
import { lineOutput } from '../ui/byteOutput.ts';
import { RESOURCE_MANAGER_PORT } from '../spark/sparkEnvironment.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags {
  readonly state: string;
  readonly superuser: string;
}

/** What `ensureHdfs` starts in the background. Not for people, so that help does not list it. */
export function hdfsServerCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  const { host, signal } = commandHost;
  return new Command('hdfs-server')
    .description("Serves a project's HDFS; started when somebody needs it.")
    .requiredOption('--state <folder>', 'the .devenv folder of the project')
    .requiredOption('--superuser <name>', 'who may do everything')
    .action(async ({ state, superuser }: Flags) => {
      const { runHdfsServer } = await import('../hdfs/daemon/runHdfsServer.ts');
      const log = lineOutput(host.stderr);
      await runHdfsServer(
        { platform: host.platform, signal },
        {
          stateDirectory: state,
          superuser,
          log,
          beside: async ({ address }) => resourceManager({ stateDirectory: state, address, host, log }),
        },
      );
      finish(0);
    });
}

interface Beside {
  readonly stateDirectory: string;
  readonly address: string;
  readonly host: NodeJS.Process;
  readonly log: (line: string) => void;
}

/** For Airflow's hook, which asks how Spark jobs stand. On an address that projects share it would be nobody's. */
async function resourceManager({ stateDirectory, address, host, log }: Beside) {
  if (address === '127.0.0.1') return undefined;
  const { serveResourceManager } = await import('../spark/resourceManager.ts');
  const settings = currentServerSettings(stateDirectory);
  const options = {
    stateDirectory,
    platform: host.platform,
    address,
    port: RESOURCE_MANAGER_PORT,
    names: () => settings().names,
    admits: ownProcesses(log),
  };
  return serveResourceManager(options).catch((error: unknown) => {
    log(`The jobs of Spark are not answered for on ${address}:${RESOURCE_MANAGER_PORT}: ${String(error)}`);
    return undefined;
  });
}
