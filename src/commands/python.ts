import { Command } from 'commander';
import type { GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { runInProject } from './projectProcess.ts';

export function pythonCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('python')
    .summary("the environment's Python, in this project")
    .description(
      "Runs the Python of the project's environment with Airflow's settings, its database, and the project's " +
        'folders at the end of the import path, as production has them.',
    )
    .usage('[arguments of python...]')
    .argument('[arguments...]', "everything behind the word python is Python's")
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], _flags: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      finish(
        await runInProject(commandHost, options, { database: needsDatabase(args) }, ({ spec }) => ({
          file: spec.environment.python,
          args,
        })),
      );
    });
}

const EXAMPLES = `
Examples:
  devenv python
  devenv python -m pytest tests
  devenv python -c 'from airflow.models import Variable; print(Variable.get("region"))'
`;

function needsDatabase([first = '']: readonly string[]): boolean {
  return !['-V', '-VV', '--version', '-h', '--help'].includes(first);
}
