import type { CompletableCommand } from './completableCommands.ts';

/** One line for each thing that may be completed, with the condition under which it may. */
export function fishScript(commands: readonly CompletableCommand[]): string {
  const lines = ['devenv', 'airflow-devenv'].flatMap((program) => [
    // Files are offered where a command takes one.
    `complete -c ${program} -n __fish_use_subcommand -f`,
    ...commands.flatMap((each) => linesOf(program, each)),
  ]);
  return `${lines.join('\n')}\n`;
}

function linesOf(program: string, command: CompletableCommand): readonly string[] {
  const { name, summary, flags, words, names, files } = command;
  const isBelow = name.includes(' ');
  const behind = `complete -c ${program} -n '${seen(name)}'`;
  const unlessSaid =
    words.length === 0
      ? behind
      : `complete -c ${program} -n '${seen(name)}; and not __fish_seen_subcommand_from ${words.map((word) => word.name).join(' ')}'`;
  return [
    ...(isBelow
      ? []
      : [`complete -c ${program} -n __fish_use_subcommand -a ${name} -d '${fishText(summary)}'`]),
    ...flags.map((flag) => `${behind} -l ${flag.slice(2)}`),
    ...words.map((word) => `${unlessSaid} -f -a ${word.name}${described(word.summary)}`),
    ...(names === undefined
      ? []
      : [`${behind} ${files ? '' : '-f '}-a '(${program} complete ${names} 2>/dev/null)'`]),
  ];
}

function seen(name: string): string {
  return name
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
}

function described(summary: string): string {
  return summary === '' ? '' : ` -d '${fishText(summary)}'`;
}

function fishText(text: string): string {
  return text.replaceAll(/['\\]/g, String.raw`\$&`);
}
