import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { stopDatabase } from '../database/database.ts';
import { stopRunners } from '../dagruns/runner.ts';
import { runtimeDirectory } from '../platform/paths.ts';
import { createRunRenderer } from '../ui/runRenderer.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './program.ts';

/** Ends what `run-dag` keeps ready for the next run. */
export function downCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('down')
    .summary('end the warm runner and the database of this project')
    .description('Ends the warm runner and the database server of this project. Nothing is deleted.')
    .action(async (_flags: unknown, command: Command) => {
      finish(await down(commandHost, command.optsWithGlobals<GlobalOptions>()));
    });
}

async function down(commandHost: CommandHost, options: GlobalOptions): Promise<number> {
  const { host } = commandHost;
  const renderer = await createRunRenderer({
    mode: 'plain',
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    verbose: false,
    now: Date.now,
  });
  const context = commandContext(commandHost, options, (event) => renderer.progress(event));
  const project = await loadProject(
    context,
    options.config === undefined ? {} : { configFile: options.config },
  );
  const runners = await stopRunners(await runtimeDirectory(context, project.root));
  const database = await stopDatabase(context, project);
  renderer.note(`warm runner: ${runners > 0 ? 'ended' : 'was not running'}`);
  renderer.note(`database: ${database ? 'stopped' : 'was not running'}`);
  await renderer.close();
  return 0;
}
