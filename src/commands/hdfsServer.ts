import { Command } from 'commander';
import { lineOutput } from '../ui/byteOutput.ts';
import type { CommandHost } from './program.ts';

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
      await runHdfsServer({ platform: host.platform, signal }, { stateDirectory: state, superuser, log });
      finish(0);
    });
}
