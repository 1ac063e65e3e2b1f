import type { Argument, Command, Option } from 'commander';

/** What a help text has no room for. */
const NOTES: Readonly<Record<string, string>> = {
  status:
    'The exit code answers scripts: `devenv status >/dev/null || devenv up -d`. In the JSON object `stack` is null when ' +
    'nothing runs; its shape is that of the `stack` event of `devenv up --json`.',
  logs:
    'The files are `.devenv/logs/<service>.log`, moved to `.1`, `.2` and `.3` when they are longer than 10 MB. The preloaded ' +
    "process' file is `runner.log`. They hold what the programs wrote, commands for a terminal included: read them with " +
    '`devenv logs` or `less`, which make those visible or leave them out, and not with `cat`. `--since` goes by the time ' +
    'that a line says itself; one that says none, of a traceback say, belongs to the line before it.',
  open: 'The ticket in the address is used up by the first browser that shows it. Scripts get in with `devenv api`.',
  token:
    'Give it to a program through the environment or standard input, never as a word of its command line, which other users ' +
    'of the machine can read: `curl -H "Authorization: …"` would show it to them.',
  api:
    '`--data` is sent as `application/json`. What it holds is a word of the command line: a secret belongs into a file (`@FILE`) ' +
    'or into standard input (`-`). On a terminal control characters of the answer are made visible; a file or a pipe gets ' +
    'its bytes. With `--config` and `-C` it asks another project.',
  airflow:
    'Your folders are on the import path behind the installed packages, in the order of ' +
    '[configuration.md](configuration.md#import-paths). For that, `PYTHONPATH` names one folder of ours, whose ' +
    '`sitecustomize.py` appends yours when Python starts: named in `PYTHONPATH` themselves they would come before the ' +
    'standard library, and a DAG file called `statistics.py` would break everything that imports `random`. A ' +
    '`sitecustomize.py` of the environment still runs. `PYTHONPATH` of your shell is left out; one in `airflow.env` counts.',
  python:
    'The import path is that of `devenv airflow`. As always with Python, the folder of a script that is run comes first.',
  shell:
    'bash, zsh and fish read your own start files first; afterwards the environment stands in front of PATH, and the prompt ' +
    'says `(devenv NAME)`. `DEVENV_SHELL` is set to that name, for prompts of your own.',
  psql:
    "The server is Postgres 17. An older psql works, says so, and may lack some of its backslash commands. With psql's own " +
    'options: `devenv psql -- --csv -c "select 1"`. The server listens on a Unix socket only; other ' +
    'clients find its address in `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN` of `devenv shell`.\n\n' +
    'Our own prompt takes statements from `-c`, from standard input or from you, and ends at the first mistake unless you ' +
    'are there to mend it. Numbers that JSON would round stay text.',
  list: 'Where a socket has nobody listening to it any more, it is listed as stale; `devenv down` there removes it.',
  completion:
    'The script holds all names: completing starts no program. Print it again after an update of devenv.',
};

/** `docs/commands.md`: every command that `--help` lists, with its options. */
export function commandsDocument(root: Command): string {
  const commands = root
    .createHelp()
    .visibleCommands(root)
    .filter((each) => each.name() !== 'help');
  return [
    '# Commands',
    '',
    '<!-- Made by scripts/generate-commands.mjs from the commands themselves. -->',
    '',
    'These options stand before or behind the name of any command; before `airflow`, `python` and `shell`, whose own words follow:',
    '',
    ...optionTable(root.options),
    '',
    'Exit codes: 0 success, 1 failure, 2 misuse, 128 and its number for a signal. `airflow`, `python`, `shell` and `psql` end ' +
      'with the code of the program that they run. An error has a code, too: see [troubleshooting.md](troubleshooting.md).',
    '',
    ...commands.flatMap((each) => section(each)),
  ].join('\n');
}

/** @param parents names of the commands that it is a part of. */
function section(command: Command, parents: readonly string[] = []): string[] {
  const { name, usage } = { name: [...parents, command.name()].join(' '), usage: command.usage() };
  const note = NOTES[name];
  const parts = command.commands.filter((each) => each.name() !== 'help');
  return [
    `##${'#'.repeat(parents.length)} ${name}`,
    '',
    command.description().replaceAll('\n\n  ', '\n\n').split('\n\n')[0] ?? '',
    '',
    '```sh',
    `devenv ${name} ${usage}`.trimEnd(),
    '```',
    '',
    ...argumentTable(command.registeredArguments),
    ...optionTable(command.options.filter((option) => !option.hidden)),
    '',
    ...(note === undefined ? [] : [note, '']),
    ...codeBlocks(helpBehind(command)),
    ...parts.flatMap((each) => section(each, [...parents, command.name()])),
  ];
}

function argumentTable(args: readonly Argument[]): string[] {
  const described = args.filter((each) => each.description !== '');
  return described.length === 0
    ? []
    : [...described.map((each) => `- \`${each.name()}\`: ${escaped(each.description)}`), ''];
}

function optionTable(options: readonly Option[]): string[] {
  if (options.length === 0) return [];
  return [
    '| option | does |',
    '| --- | --- |',
    ...options.map((each) => `| \`${each.flags}\` | ${escaped(each.description)} |`),
  ];
}

/** Text that a table's cell takes as it is. */
function escaped(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;');
}

/** What `addHelpText('after')` has put behind the help. */
function helpBehind(command: Command): string {
  let text = '';
  const help = command.createHelp();
  command.configureOutput({ writeOut: (chunk) => (text += chunk) });
  command.outputHelp();
  return text
    .slice(text.indexOf(help.formatHelp(command, help)) + help.formatHelp(command, help).length)
    .trim();
}

/** Examples become code, what stands alone stays a sentence. */
function codeBlocks(text: string): string[] {
  return text.split('\n\n').flatMap((part) => {
    const lines = part.split('\n').filter((line) => !/^Examples?:$/.test(line));
    if (lines.every((line) => line === '')) return [];
    return lines.every((line) => line.startsWith('  '))
      ? ['```sh', ...lines.map((line) => line.slice(2)), '```', '']
      : [...lines, ''];
  });
}
