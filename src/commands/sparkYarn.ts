import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { answerYarn } from '../spark/yarn.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

/** What `.devenv/bin/yarn` calls. Not for people, so that help does not list it. */
export function yarnCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('yarn')
    .description('Answers what tools ask of YARN, for the Spark jobs of this project.')
    .argument('[arguments...]', "everything behind the word is yarn's")
    .action(async (words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions>();
      const context = commandContext(commandHost, flags, () => {});
      const { stateDirectory } = await loadProject(context, { configFile: flags.config });
      const answer = await answerYarn({ stateDirectory, platform: context.platform }, words);
      writeLines(commandHost.host.stdout, answer.lines);
      writeLines(commandHost.host.stderr, answer.remarks ?? []);
      finish(answer.exitCode);
    });
}
