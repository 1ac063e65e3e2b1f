import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import { createCommandProgress } from '../ui/commandProgress.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly json?: boolean;
}

export function imageCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  const image = new Command('image')
    .summary("images for the project's cluster")
    .description('Images that pods of the project are started from.');
  image
    .command('load')
    .summary("bring images of the engine into the project's cluster")
    .description(
      "Brings images that the Docker engine has to every node of the project's cluster. What a node has already is left.",
    )
    .argument('<images...>', 'as docker images shows them: my-job:latest')
    .option('--json', 'one JSON object an image')
    .action(async (images: string[], _flags: unknown, command: Command) => {
      finish(await load(commandHost, images, command.optsWithGlobals<Flags>()));
    });
  return image;
}

async function load(commandHost: CommandHost, images: readonly string[], flags: Flags): Promise<number> {
  const { host } = commandHost;
  const progress = createCommandProgress(host, { quiet: flags.json === true });
  try {
    const context = commandContext(commandHost, flags, progress.emit);
    const project = await loadProject(context, { configFile: flags.config });
    const { loadImage } = await import('../kubernetes/images/loadImage.ts');
    for (const image of images) {
      const step = { type: 'step', id: image } as const;
      context.emit({ ...step, state: 'working', text: `Loading ${image}` });
      const loaded = await loadImage(context, project, image);
      context.emit({ ...step, state: 'done', text: `${loaded ? 'Loaded' : 'Already there:'} ${image}` });
      if (flags.json === true) writeLines(host.stdout, [JSON.stringify({ v: 1, image, loaded })]);
    }
    return 0;
  } finally {
    progress.close();
  }
}
