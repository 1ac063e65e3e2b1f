import path from 'node:path';
import { Command, Option } from 'commander';
import { OURS, withWaitsTold } from '../database/locks/watchWaits.ts';
import { parsedLines } from '../ui/parsedLines.ts';
import type { CommandHost } from './commandHost.ts';
import { runningStack, stackCommand, type OutputFlags, type StackWork } from './stackCommand.ts';

export function reloadDagsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('reload-dags')
    .summary('parse DAG files now and say what is wrong with them')
    .description(
      'Parses DAG files now, so that the UI shows them as they are, and prints import errors with file and line. ' +
        'Exit code 1 if there are any.',
    )
    .argument('[files...]', 'default: all DAG files')
    .addOption(new Option('--json', 'NDJSON events on stdout').conflicts(['quiet', 'plain']))
    .option('--plain', 'one line for each change, no redrawing')
    .option('-q, --quiet', 'only what went wrong')
    .action(async (files: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<OutputFlags>();
      finish(await stackCommand(commandHost, flags, (work) => reload(work, files, flags)));
    });
}

async function reload(
  { context, project, renderer }: StackWork,
  files: readonly string[],
  flags: OutputFlags,
): Promise<number> {
  const connection = await runningStack(context, project);
  const absolute = files.map((each) => path.resolve(context.workingDirectory, each));
  let errors = 0;
  await withWaitsTold(context, project, OURS, async () => {
    for await (const event of connection.request({ kind: 'reload', files: absolute }, context.signal)) {
      renderer.event(event);
      if (event.event !== 'parsed') continue;
      errors += event.report.importErrors.length;
      const wanted = flags.json !== true && (flags.quiet !== true || event.report.importErrors.length > 0);
      if (wanted) for (const line of parsedLines(event.report, project.root)) renderer.note(line);
    }
  });
  return errors === 0 ? 0 : 1;
}
