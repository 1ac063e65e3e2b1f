import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { findConfigFile } from '../config/findRoot.ts';
import { pinsAirflow, projectByLooking } from '../config/loadProject.ts';
import { starterConfig } from '../config/starterConfig.ts';
import { DevenvError } from '../errors.ts';
import { writeFileAtomic } from '../platform/atomicFile.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';

interface Flags extends GlobalOptions {
  readonly force?: boolean;
  readonly print?: boolean;
}

/** Where npm puts the package into a project. */
const SCHEMA = 'node_modules/airflow-devenv/docs/devenv.schema.json';

export function initCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  return new Command('init')
    .summary('write a devenv.yaml from what is found here')
    .description(
      'Writes a commented devenv.yaml that says what devenv finds in this repository: its layout, the version of ' +
        'Airflow that it pins, its requirements. Nothing needs the file; it is there to be changed.',
    )
    .option('--print', 'print it instead of writing it')
    .option('-f, --force', 'overwrite the one that is there')
    .action(async (_flags: unknown, command: Command) => {
      finish(await init(commandHost, command.optsWithGlobals<Flags>()));
    });
}

async function init(commandHost: CommandHost, flags: Flags): Promise<number> {
  const { workingDirectory } = commandContext(commandHost, flags, () => {});
  const project = await projectByLooking(workingDirectory);
  const found = flags.config === undefined ? await findConfigFile(workingDirectory) : undefined;
  const file =
    flags.config === undefined
      ? (found ?? path.join(project.root, defaultName(project.root)))
      : path.resolve(workingDirectory, flags.config);
  const folder = path.dirname(file);
  const text = starterConfig(
    { ...project, root: folder },
    {
      pinned: pinsAirflow(project),
      schema: existsSync(path.join(folder, SCHEMA)) ? `./${SCHEMA}` : undefined,
    },
  );
  if (flags.print === true) {
    writeLines(commandHost.host.stdout, [text.trimEnd()]);
    return 0;
  }
  if (existsSync(file) && flags.force !== true) throw alreadyThere(file);
  await writeFileAtomic(file, text, 0o644);
  writeLines(commandHost.host.stdout, [`Wrote ${file}`]);
  return 0;
}

/** `devenv.yaml` beside a `devenv.nix` belongs to another program. */
function defaultName(root: string): string {
  return existsSync(path.join(root, 'devenv.nix')) ? 'airflow-devenv.yaml' : 'devenv.yaml';
}

function alreadyThere(file: string): DevenvError {
  return new DevenvError({
    code: 'config_exists',
    what: `There is a ${file} already.`,
    next: ['devenv init --print shows what would be written', 'devenv init --force overwrites it'],
    misuse: true,
  });
}
