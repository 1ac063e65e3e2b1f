import path from 'node:path';
import { Command } from 'commander';
import { buildPackage } from '../artifacts/package/buildPackage.ts';
import { prepareArtifacts } from '../artifacts/prepareArtifacts.ts';
import { loadProject } from '../config/loadProject.ts';
import { formatBytes } from '../ui/bytes.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly output?: string;
  readonly artifact?: string;
  readonly platform?: string;
  readonly json?: boolean;
}

export function packageCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('package')
    .summary("a job's environment as an archive")
    .description(
      "Builds the environment of a job's project and packs it as venv.tar.gz, or as .conda.tgz where the project " +
        'describes a conda environment and conda or mamba is there. An artifact that is declared under the name of ' +
        'the project is overridden with it, so that the next run uses it.',
    )
    .argument('[project]', 'folder of the job; default: the current one')
    .option('-o, --output <file>', 'where to put the archive; default: venv.tar.gz in the folder of the job')
    .option('--artifact <name>', 'the declared artifact whose place it takes')
    .option('--platform <name>', 'for another platform, such as linux/amd64, built in a container')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string | undefined, _flags: unknown, command: Command) => {
      finish(await buildAndPut(commandHost, folder, command.optsWithGlobals<Flags>()));
    });
}

const EXAMPLES = `
Examples:
  devenv package image-matching
  devenv package jobs/tone_check --artifact tone_check-0.0.1.conda.tgz
`;

async function buildAndPut(
  commandHost: CommandHost,
  folder: string | undefined,
  flags: Flags,
): Promise<number> {
  const { host } = commandHost;
  const progress = createCommandProgress(host);
  try {
    const context = commandContext(commandHost, flags, progress.emit);
    const project = await loadProject(context, { configFile: flags.config });
    const built = await buildPackage(context, project, {
      folder: path.resolve(context.workingDirectory, folder ?? '.'),
      output: flags.output === undefined ? undefined : path.resolve(context.workingDirectory, flags.output),
      artifact: flags.artifact,
      platform: flags.platform,
    });
    if (built.override !== undefined) await prepareArtifacts(context, project);
    progress.close();
    const lines = [`${built.output} (${formatBytes(built.bytes)})`];
    if (built.override !== undefined)
      lines.push(`takes the place of the artifact ${built.override.artifact}`);
    writeLines(host.stdout, flags.json === true ? [JSON.stringify({ v: 1, ...built })] : lines);
    return 0;
  } finally {
    progress.close();
  }
}
