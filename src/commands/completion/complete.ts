import { Argument, Command } from 'commander';
import { dagIdsInFiles } from '../../config/dagIdsInFiles.ts';
import { loadProject } from '../../config/loadProject.ts';
import type { Project } from '../../config/project.ts';
import { listSnapshots } from '../../database/snapshots/snapshotFolders.ts';
import { writeLines } from '../../ui/output.ts';
import { commandContext, type GlobalOptions } from '../commandContext.ts';
import type { CommandHost } from '../commandHost.ts';
import { PROJECT_NAMES, type ProjectNames } from './completableCommands.ts';

/** What the completion scripts call while a person types: names of the project, a line each; nothing on any error. */
export function completeCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('complete')
    .description('Prints names of the project for the completion scripts.')
    .addArgument(new Argument('<names>').choices(PROJECT_NAMES))
    .action(async (names: ProjectNames, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions>();
      const context = commandContext(commandHost, flags, () => {});
      const project = await loadProject(context, { configFile: flags.config });
      writeLines(commandHost.host.stdout, await read(names, project));
      finish(0);
    });
}

async function read(names: ProjectNames, project: Project): Promise<readonly string[]> {
  switch (names) {
    case 'dags':
      return dagIdsInFiles(project.repositories.flatMap(({ dagsFolders }) => dagsFolders));
    case 'snapshots':
      return (await listSnapshots(project.stateDirectory)).map(({ name }) => name);
  }
}
