import path from 'node:path';
import { Command } from 'commander';
import type { GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './program.ts';
import { runInProject } from './projectProcess.ts';

/** Answered without the metadata database: not worth starting one. */
const WITHOUT_DATABASE = new Set(['version', 'cheat-sheet', 'providers', 'config']);

export function airflowCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('airflow')
    .summary("Airflow's own command line, in this project")
    .description(
      "Runs Airflow's command line with the project's environment, settings and database, which is started when " +
        "needed. Without arguments, and with --help, Airflow's own help.",
    )
    .usage('[arguments of airflow...]')
    .argument('[arguments...]', "everything behind the word airflow is Airflow's")
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], _flags: unknown, command: Command) => {
      finish(await runAirflow(commandHost, command.optsWithGlobals<GlobalOptions>(), args));
    });
}

const EXAMPLES = `
Examples:
  devenv airflow dags list
  devenv airflow variables get region
  devenv airflow tasks states-for-dag-run orders manual__2026-01-31
`;

async function runAirflow(
  commandHost: CommandHost,
  options: GlobalOptions,
  args: readonly string[],
): Promise<number> {
  const words = args.length === 0 ? ['--help'] : args;
  return runInProject(commandHost, options, { database: needsDatabase(words) }, ({ spec }) => ({
    file: path.join(spec.environment.directory, 'bin', 'airflow'),
    args: words,
  }));
}

function needsDatabase(words: readonly string[]): boolean {
  return !WITHOUT_DATABASE.has(words[0] ?? '') && !words.includes('--help') && !words.includes('-h');
}
