import { Command } from 'commander';
import type { GlobalOptions } from './commandContext.ts';
import { withHdfsShell } from './hdfsShell.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly root: string;
}

/** What `.devenv/bin/hdfs` and `.devenv/bin/hadoop` start. Not for people, so that help does not list it. */
export function hadoopStandInCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('hadoop-command')
    .description("Stands in for Hadoop's programs in tasks.")
    .requiredOption('--root <folder>', 'the project')
    .argument('<program>', 'hdfs or hadoop')
    .argument('[words...]', 'what stands behind it')
    .action(async (program: string, words: string[], _flags: unknown, command: Command) => {
      const options = command.optsWithGlobals<Flags>();
      const { runHadoopProgram } = await import('../hdfs/shell/hadoopProgram.ts');
      finish(
        await runHadoopProgram(program, words, (properties, work) =>
          withHdfsShell(commandHost, { options, root: options.root, properties }, work),
        ),
      );
    });
}
