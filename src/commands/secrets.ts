import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { writeLines } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './program.ts';
import type { SecretsWork } from './secretsActions.ts';

/** `devenv secrets …`: values in a file that Git may have, each encrypted with age. */
export function secretsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  const secrets = new Command('secrets')
    .summary('secrets for the seed, encrypted with age in a file that Git may have')
    .description(
      'Keeps secret values of variables and connections in seed/secrets.age.yaml, each encrypted by itself for the ' +
        'people of a team. devenv seed decrypts them.',
    );
  const add = (command: Command, act: (work: SecretsWork, ...rest: string[]) => Promise<number>): void => {
    command.action(async (...given: unknown[]) => {
      const words = given.filter((each): each is string => typeof each === 'string');
      finish(await withWork(commandHost, command, (work) => act(work, ...words)));
    });
    secrets.addCommand(command);
  };
  add(
    new Command('init').description('make your age identity and the file of secrets, where they are missing'),
    async (work) => (await actions()).init(work),
  );
  add(
    new Command('set')
      .description('encrypt a value, asked for or read from standard input; never from the command line')
      .argument('<name>', NAME)
      .option('--json', 'the value is JSON: a number, a list, an object, …'),
    async (work, name = '') => (await actions()).set(work, name),
  );
  add(new Command('get').description('print a value').argument('<name>', NAME), async (work, name = '') =>
    (await actions()).get(work, name),
  );
  add(
    new Command('edit').description(
      'edit all values in $VISUAL or $EDITOR, in a file that is wiped afterwards',
    ),
    async (work) => (await actions()).edit(work),
  );
  add(
    new Command('list')
      .description('print the names, and who may read the values')
      .option('--json', 'one JSON object'),
    async (work) => (await actions()).list(work),
  );
  add(
    new Command('rekey')
      .description('encrypt everything anew, for the same people or others')
      .option('--add <recipient>', 'let this one read, too (repeatable)', collect)
      .option('--remove <recipient>', 'let this one read no longer (repeatable)', collect),
    async (work) => (await actions()).rekey(work),
  );
  add(
    new Command('import')
      .description('encrypt what a seed file has in the clear, and put it into the file of secrets')
      .argument('<file>', 'YAML, JSON, .env or airflow_settings.yaml'),
    async (work, file = '') => (await actions()).importFile(work, file),
  );
  return secrets;
}

const NAME = 'variables.NAME or only NAME; connections.ID.password; connections.ID.extra.KEY';

/** Loaded on use: age and yaml cost more than other commands take. */
async function actions() {
  return import('./secretsActions.ts');
}

async function withWork(
  commandHost: CommandHost,
  command: Command,
  act: (work: SecretsWork) => Promise<number>,
): Promise<number> {
  const flags = command.optsWithGlobals<GlobalOptions & SecretsWork['flags']>();
  const context: Context = commandContext(commandHost, flags, () => {});
  const project: Project = await loadProject(context, { configFile: flags.config });
  const { host } = commandHost;
  return act({
    context,
    project,
    flags,
    commandHost,
    print: (...lines) => writeLines(host.stdout, lines),
    note: (...lines) => writeLines(host.stderr, lines),
  });
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
