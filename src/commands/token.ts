import { Command } from 'commander';
import { accessKey, ensureKeys } from '../airflow/keys.ts';
import { loadProject } from '../config/loadProject.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

export function tokenCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('token')
    .summary('print the access key of the UI and the API, for scripts')
    .description(
      "Prints what opens this project's UI and API to scripts. Whoever has it can do anything in this Airflow; it stays " +
        'the same as long as the project keeps its .devenv folder.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  devenv api dags                            # needs no token\n' +
        '  AIRFLOW_TOKEN=$(devenv token) ./my-script  # in the environment, which only you can read\n' +
        '  printf \'header = "Authorization: Bearer %s"\\n\' "$(devenv token)" |\n' +
        '    curl --config - http://127.0.0.1:8080/api/v2/dags\n',
    )
    .action(async (_flags: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const context = commandContext(commandHost, options, () => {});
      const project = await loadProject(context, { configFile: options.config });
      writeLines(commandHost.host.stdout, [accessKey(await ensureKeys(project.stateDirectory))]);
      finish(0);
    });
}
