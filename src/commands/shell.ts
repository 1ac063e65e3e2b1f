import path from 'node:path';
import { Command } from 'commander';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import type { GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import { runInProject, type OpenProject, type ProjectProcess } from './projectProcess.ts';
import { shellFiles } from './shellFiles.ts';

export function shellCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('shell')
    .summary("your shell in the project's environment")
    .description(
      "Starts your shell ($SHELL) with the project's Airflow and Python first on PATH and Airflow's settings in the " +
        'environment; the database is up. With words behind it, runs that command instead of a shell.',
    )
    .usage('[-- command...]')
    .argument('[command...]', 'a single command, not looked at by a shell')
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], _flags: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      finish(
        await runInProject(commandHost, options, { database: true }, (open) => chooseProcess(open, words)),
      );
    });
}

const EXAMPLES = `
Examples:
  devenv shell
  devenv shell -- pytest tests
  devenv shell -- sh -c 'airflow dags list | head'
`;

async function chooseProcess(open: OpenProject, words: readonly string[]): Promise<ProjectProcess> {
  const [file, ...args] = words;
  if (file !== undefined) return { file, args };
  const { context, project, spec } = open;
  const shell = context.env['SHELL'] || '/bin/sh';
  const folder = path.join(project.stateDirectory, 'shell');
  const started = shellFiles({
    shell,
    folder,
    name: path.basename(project.root),
    binaries: path.join(spec.environment.directory, 'bin'),
    env: context.env,
  });
  for (const [name, text] of Object.entries(started.files)) {
    await writeFileAtomic(path.join(folder, name), text);
  }
  return { file: shell, args: started.args, env: started.env, terminateWith: 'SIGHUP' };
}
