import { Command } from 'commander';
import { loadProject } from '../config/loadProject.ts';
import type { Project } from '../config/project.ts';
import type { Context } from '../context.ts';
import { writeLines, writeValue } from '../ui/output.ts';
import { commandContext, type GlobalOptions } from './commandContext.ts';
import type { CommandHost } from './commandHost.ts';
import type { SecretsWork } from './secretsWork.ts';

/** `devenv secrets …`: values in a file that Git may have, each encrypted with age. */
export function secretsCommand(commandHost: CommandHost, finish: (code: number) => void): Command {
  const secrets = new Command('secrets')
    .summary('secrets for the seed, encrypted with age in a file that Git may have')
    .description(
      'Keeps secret values of variables and connections in seed/secrets.age.yaml, each encrypted by itself for the ' +
        'people of a team. devenv seed decrypts them.',
    );
  const add = (
    command: Command,
    act: (work: SecretsWork, words: readonly string[]) => Promise<number>,
  ): void => {
    command.action(async (...given: unknown[]) => {
      const words = given.flat().filter((each): each is string => typeof each === 'string');
      finish(await withWork(commandHost, command, (work) => act(work, words)));
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
      .option('--json-value', 'the value is JSON: a number, a list, an object, …')
      .option('--empty', 'an empty text is meant'),
    async (work, names) => (await actions()).set(work, names),
  );
  add(new Command('get').description('print a value').argument('<name>', NAME), async (work, names) =>
    (await actions()).get(work, names),
  );
  add(
    new Command('edit')
      .description(
        'edit all values in $VISUAL or $EDITOR, in a file that is wiped afterwards; what can not be brought in is ' +
          'kept, encrypted, for the next edit',
      )
      .option('--fresh', 'forget an earlier edit that was kept'),
    async (work) => (await import('./secretsEdit.ts')).edit(work),
  );
  add(
    new Command('rm')
      .description('remove secrets from the file')
      .aliases(['unset', 'delete', 'remove'])
      .argument('<name...>', NAME),
    async (work, names) => (await actions()).remove(work, names),
  );
  add(
    new Command('list')
      .description('print the names, and who may read the values')
      .option('--json', 'one JSON object'),
    async (work) => (await actions()).list(work),
  );
  add(
    new Command('rekey')
      .description('encrypt everything again, for the same people or others')
      .option('--add <recipient>', 'let this one read, too (repeatable)', collect)
      .option('--remove <recipient>', 'let this one read no longer (repeatable)', collect)
      .option('-y, --yes', 'without a question, also when you remove yourself'),
    async (work) => (await actions()).rekey(work),
  );
  add(
    new Command('import')
      .description('encrypt what a seed file has in the clear, and put it into the file of secrets')
      .argument('<file>', 'YAML, JSON, .env or airflow_settings.yaml'),
    async (work, names) => (await actions()).importFile(work, names),
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
  const note = (...lines: readonly string[]): void => writeLines(host.stderr, lines);
  const { settleAbandonedEdits } = await import('../seed/secrets/plainTextFile.ts');
  note(...(await settleAbandonedEdits(context)));
  const print = (...lines: readonly string[]): void => writeValue(host.stdout, lines);
  return act({ context, project, flags, commandHost, print, note });
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
