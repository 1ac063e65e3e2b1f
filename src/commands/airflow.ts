import path from 'node:path';
import { Command } from 'commander';
import { DevenvError } from '../errors.ts';
import { connectToSupervisor } from '../stack/connection.ts';
import type { GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
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
  return runInProject(commandHost, options, { database: needsDatabase(words) }, async ({ spec }) => {
    const starts = SCHEDULERS.has(words[0] ?? '') && needsDatabase(words);
    if (starts && (await connectToSupervisor(spec.runtimeDirectory)) !== undefined) throw secondScheduler();
    return { file: path.join(spec.environment.directory, 'bin', 'airflow'), args: words };
  });
}

const SCHEDULERS = new Set(['scheduler', 'standalone']);

function secondScheduler(): DevenvError {
  return new DevenvError({
    code: 'scheduler_runs',
    what: 'The stack of this project runs, and its scheduler with it.',
    why: 'Two schedulers on one database would take the tasks from each other.',
    next: ['devenv restart scheduler starts it anew', 'devenv down ends it first'],
    misuse: true,
  });
}

function needsDatabase(words: readonly string[]): boolean {
  return !WITHOUT_DATABASE.has(words[0] ?? '') && !words.includes('--help') && !words.includes('-h');
}
